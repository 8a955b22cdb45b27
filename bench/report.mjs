import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const README = new URL('./README.md', import.meta.url);
const RESULTS = new URL('./results/', import.meta.url);
const TABLE = /<!-- table: begin -->[^]*<!-- table: end -->/;
/** In the order of the table. */
export const BENCHMARKS = ['gateway', 'live', 'start', 'journal', 'policy', 'approval'];

/**
 * Keeps what a benchmark found in results/<name>.json.
 * @param rows lines of the table: `{what, ours, peer?, ratio?, target?, met?}`; `ours` and `peer` as text, `ratio` of ours
 * to the peer's where more than 1 is worse, `met` whether the target was
 */
export const keep = (name, { machine, rows, ...raw }) => {
  mkdirSync(RESULTS, { recursive: true });
  const result = { at: new Date().toISOString(), machine: machine.report(), rows, ...raw };
  writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(result, null, 2)}\n`);
};

const lost = ({ ratio, met }) => met === false || (met === undefined && ratio > 1);

const verdict = (row) => {
  if (row.met !== undefined) return row.met ? 'met' : '**missed**';
  return lost(row) ? 'behind' : '';
};

const lineOf = (name, row) =>
  `| ${[name, row.what, row.ours, row.peer ?? '', row.ratio ?? '', row.target ?? '', verdict(row)].join(' | ')} |`;

const noiseOf = (name, { at, machine: { cpus, memory_gib, node, load_before, load_after, noise } }) =>
  `- \`${name}\`: ${at.slice(0, 16).replace('T', ' ')} UTC, ${cpus} cores, ${memory_gib} GiB, Node ${node}; the fixed work took ` +
  `${noise.best_ms} ms at best, ${noise.median_ms} ms in the middle, ${noise.p99_ms} ms at p99; load average ${load_before} before, ${load_after} after.`;

const results = () =>
  BENCHMARKS.map((name) => [name, new URL(`${name}.json`, RESULTS)])
    .filter(([, file]) => existsSync(file))
    .map(([name, file]) => [name, JSON.parse(readFileSync(file, 'utf8'))]);

/** Renews the table of bench/README.md from everything that is kept, and returns it with the rows that lose. */
export const renewTable = () => {
  const all = results();
  const text = [
    '| | What | SpecTrace | Peer | Ratio | Target | |',
    '|---|---|---|---|---|---|---|',
    ...all.flatMap(([name, { rows }]) => rows.map((row) => lineOf(name, row))),
    '',
    ...all.map(([name, result]) => noiseOf(name, result)),
  ].join('\n');
  const readme = readFileSync(README, 'utf8');
  if (!TABLE.test(readme)) throw new Error('bench/README.md has lost the marks of its table');
  writeFileSync(
    README,
    readme.replace(TABLE, () => `<!-- table: begin -->\n\n${text}\n\n<!-- table: end -->`),
  );
  return { text, losing: all.flatMap(([name, { rows }]) => rows.filter(lost).map((row) => lineOf(name, row))) };
};
