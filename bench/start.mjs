// Start-up, memory and the cost of governance of the suite in one process. Plain node on what `npm run build` made:
//   node bench/start.mjs [--runs 5] [--settle 60]
// Writes bench/results/start.json and the table in bench/README.md. `--settle` is how many seconds after readiness the
// memory is measured; a run with another value than 60 is a trial and writes nothing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { memoryOf, Suite } from './suite.mjs';

const CHECKOUT = join(import.meta.dirname, '..');
const FULL_SETTLE_S = 60;
const ACTIONS = 200;
const RUNS_OF_ACTIONS = 5;
const SUBMISSIONS = 30;
const LARGE_FILES = 10_000;
const LARGE_ACTIONS = 20;
const CALIBRATION_BYTES = 32 * 1024 * 1024;
const TARGETS = { empty_ms: 15_000, existing_ms: 6_000, pss_mib: 512, large_action_ms: 150 };

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, settle: { type: 'string', default: String(FULL_SETTLE_S) } },
});
const RUNS = Number(values.runs);
const SETTLE_S = Number(values.settle);

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
/** Nearest rank. */
const quantile = (numbers, q) => sorted(numbers)[Math.max(0, Math.ceil(q * numbers.length) - 1)];
const round = (number, digits = 0) => Number(number.toFixed(digits));
const spread = (numbers, digits = 0) => ({
  n: numbers.length,
  median: round(quantile(numbers, 0.5), digits),
  max: round(Math.max(...numbers), digits),
});

/** Milliseconds for a fixed piece of work on one core: how much of this machine was ours at the time. */
const block = Buffer.alloc(CALIBRATION_BYTES, 'x');
const calibrations = [];
const calibrate = () => {
  const began = performance.now();
  createHash('sha256').update(block).digest();
  calibrations.push(performance.now() - began);
};

const reading = (name, actions) => `
apiVersion: playbook/v1
name: ${name}
steps:
  - id: read
    for_each: [${Array.from({ length: actions }, (_, n) => n).join(', ')}]
    max: ${actions}
    uses: file.read@v1
    with: { path: f0/0.txt }
`;

const register = (suite, source) => suite.call('POST', '/api/playbooks', source, 'application/yaml');

/** Wall time of whole runs, submitted with `wait: true`, by their number of actions. */
const perAction = async (suite, { playbook, folder, actions, runs }) => {
  const each = [];
  for (let run = 0; run < runs; run++) {
    calibrate();
    const began = performance.now();
    const { status } = await suite.execute(playbook, folder, true);
    if (status !== 'succeeded') throw new Error(`the run ended ${status}`);
    each.push((performance.now() - began) / actions);
  }
  return spread(each, 2);
};

/** What a client sees: from the task to the first frame, and from a frame's journal row to the frame. */
const frames = async (suite, folder) => {
  const first = [];
  const late = [];
  for (let n = 0; n < SUBMISSIONS; n++) {
    const began = performance.now();
    const { id } = await suite.execute('few', folder, false);
    await new Promise((resolve, reject) => {
      const socket = new WebSocket(`${suite.url.replace('http', 'ws')}/ws/${id}`, {
        headers: { authorization: `Bearer ${suite.token}` },
      });
      let opened = Infinity;
      socket
        .on('error', reject)
        .on('close', resolve)
        .on('open', () => (opened = Date.now()));
      let seen = 0;
      socket.on('message', (data) => {
        if (seen++ === 0) first.push(performance.now() - began);
        const at = Date.parse(JSON.parse(String(data)).at);
        if (at > opened) late.push(Date.now() - at);
      });
    });
  }
  const p99 = (numbers) => ({ ...spread(numbers, 1), p99: round(quantile(numbers, 0.99), 1) });
  return { first_frame_ms: p99(first), journal_to_frame_ms: p99(late) };
};

const startUps = async () => {
  const empty = [];
  const existing = [];
  for (let run = 0; run < RUNS; run++) {
    calibrate();
    const suite = new Suite();
    empty.push(await suite.start());
    await suite.stop();
    calibrate();
    existing.push(await suite.start());
    await suite.stop();
    suite.remove();
    console.log(`start ${run + 1}: empty ${round(empty.at(-1))} ms, existing ${round(existing.at(-1))} ms`);
  }
  return { empty_ms: spread(empty), existing_ms: spread(existing) };
};

const measure = async () => {
  const load = [round(loadavg()[0], 2)];
  const start = await startUps();
  const suite = new Suite();
  try {
    await suite.start();
    await delay(SETTLE_S * 1_000);
    const pss_mib = memoryOf(suite);
    console.log('PSS, MiB:', pss_mib);
    await suite.signIn();
    for (const source of [reading('many', ACTIONS), reading('some', LARGE_ACTIONS), reading('few', 5)]) {
      await register(suite, source);
    }
    const small = suite.workspace('small', 1);
    const large = suite.workspace('large', LARGE_FILES);
    await perAction(suite, { playbook: 'few', folder: small, actions: 5, runs: 2 });
    const action_ms = await perAction(suite, {
      playbook: 'many',
      folder: small,
      actions: ACTIONS,
      runs: RUNS_OF_ACTIONS,
    });
    console.log('ms an action, 1 file:', action_ms);
    await perAction(suite, { playbook: 'few', folder: large, actions: 5, runs: 1 });
    const large_action_ms = await perAction(suite, {
      playbook: 'some',
      folder: large,
      actions: LARGE_ACTIONS,
      runs: RUNS_OF_ACTIONS,
    });
    console.log(`ms an action, ${LARGE_FILES} files:`, large_action_ms);
    const live = await frames(suite, small);
    const after_work_mib = memoryOf(suite);
    await suite.stop();
    load.push(round(loadavg()[0], 2));
    return { ...start, pss_mib, pss_after_work_mib: after_work_mib, action_ms, large_action_ms, ...live, load };
  } finally {
    if (suite.process.exitCode === null) suite.process.kill('SIGKILL');
    suite.remove();
  }
};

/** How far the machine was from quiet: the same work, at its fastest, in the middle and at its slowest. */
const noise = () => ({
  best_ms: round(Math.min(...calibrations), 1),
  median_ms: round(quantile(calibrations, 0.5), 1),
  worst_ms: round(Math.max(...calibrations), 1),
});

const verdict = (isMet) => (isMet ? 'met' : 'missed');

const rowsOf = (result) => {
  const { empty_ms, existing_ms, pss_mib, action_ms, large_action_ms, first_frame_ms, journal_to_frame_ms } = result;
  const seconds = (ms) => `${round(ms / 1_000, 1)} s`;
  const start = ({ median, max, n }) => `${seconds(median)} median, ${seconds(max)} worst of ${n}`;
  const isPss = pss_mib.total <= TARGETS.pss_mib;
  const isLarge = large_action_ms.median <= TARGETS.large_action_ms;
  return [
    ['Start to `/readyz` 200, empty folder', start(empty_ms), '<= 15 s', verdict(empty_ms.max <= TARGETS.empty_ms)],
    [
      'Start to `/readyz` 200, existing folder',
      start(existing_ms),
      '<= 6 s',
      verdict(existing_ms.max <= TARGETS.existing_ms),
    ],
    [
      'PSS 60 s later',
      `${pss_mib.total} MiB (node ${pss_mib.node}, PostgreSQL ${pss_mib.postgres}, NATS ${pss_mib.nats})`,
      '<= 512 MiB',
      verdict(isPss),
    ],
    [`Governed \`file.read\`, 1 file`, `${action_ms.median} ms an action (${ACTIONS} in a run)`, '', ''],
    [
      `Governed \`file.read\`, ${LARGE_FILES} files`,
      `${large_action_ms.median} ms an action`,
      '<= 150 ms',
      verdict(isLarge),
    ],
    ['Task sent to first frame', `${first_frame_ms.median} ms median, ${first_frame_ms.p99} ms p99`, '', ''],
    ['Journal row to frame', `${journal_to_frame_ms.median} ms median, ${journal_to_frame_ms.p99} ms p99`, '', ''],
  ];
};

const writeTable = (result) => {
  const file = join(import.meta.dirname, 'README.md');
  const { noise: n, load, machine } = result;
  const table = [['What', 'Measured', 'Target', ''], ['---', '---', '---', '---'], ...rowsOf(result)].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  const about = [
    `${machine.cpus} cores, ${machine.memory_gib} GiB, Node ${machine.node}, ${result.measured_at}.`,
    `Noise: the same piece of work took ${n.best_ms} ms at best, ${n.median_ms} ms in the middle, ${n.worst_ms} ms at worst;`,
    `load average ${load[0]} before, ${load[1]} after.`,
  ];
  const section = `<!-- start: begin -->\n\n${table.join('\n')}\n\n${about.join(' ')}\n\n<!-- start: end -->`;
  const readme = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    readme.replace(/<!-- start: begin -->[^]*<!-- start: end -->/, () => section),
  );
  return file;
};

const result = {
  measured_at: new Date().toISOString().slice(0, 10),
  machine: { cpus: cpus().length, memory_gib: round(totalmem() / 2 ** 30), node: process.versions.node },
  ...(await measure()),
  noise: noise(),
};
console.log(JSON.stringify(result, null, 2));
if (SETTLE_S === FULL_SETTLE_S) {
  const results = join(import.meta.dirname, 'results/start.json');
  writeFileSync(results, `${JSON.stringify(result, null, 2)}\n`);
  const files = [results, writeTable(result)];
  spawnSync(process.execPath, [join(CHECKOUT, 'node_modules/prettier/bin/prettier.cjs'), '--write', ...files]);
}
