// `node bench/journal.mjs`: how fast an execution's journal is written, read and recovered from, on a durable PostgreSQL
// of its own. Prints the table, keeps the raw figures in bench/results/journal.json and renews its part of bench/README.md.
import '../scripts/from-source.mjs';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { cpus, getPriority, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { writeSection } from './readme.mjs';

const STEPS = 20_000;
const READS = 500;
const WRITERS = [1, 16];
const WRITE_MS = 5_000;
const HISTORY_LOADS = 5;
const TARGET_READ_MS = 20;
/** Linux counts processor time in these. */
const TICK_MS = 10;

await import('reflect-metadata');
const { startPostgres } = await import('../libs/embedded/src/index.ts');
const { callContext, openTestDatabase } = await import('../libs/testing/src/index.ts');
const { uuidv7 } = await import('../libs/kernel/src/index.ts');
const { executor } = await import('../apps/executor/src/definition.ts');
const { ActionRepository } = await import('../apps/executor/src/action/action.repository.ts');
const { ExecutionRepository } = await import('../apps/executor/src/execution/execution.repository.ts');
const { ExecutionService } = await import('../apps/executor/src/execution/execution.service.ts');
const { Run } = await import('../apps/executor/src/execution/run.ts');
const { PlaybookService } = await import('../apps/executor/src/playbook/playbook.service.ts');
const { StepHistory } = await import('../apps/executor/src/step/step.history.ts');
const { ToolRegistry } = await import('../apps/executor/src/tool/tool.registry.ts');
const { openRunStore, startRun, turnOf, writeLongRun } = await import('../apps/executor/test/long-run.ts');

setFlagsFromString('--expose-gc');
/** What is left on the heap after it is in use. */
const collect = runInNewContext('gc');

const ctx = callContext();
const executions = new ExecutionRepository();

const quantile = (values, q) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))];
const round = (value) => Math.round(value * 10) / 10;
/** How long a fixed piece of work takes, spread over the time of the reads: the noise of the machine. */
const fixed = Buffer.alloc(2 * 1024 * 1024);
const fixedWork = () => createHash('sha256').update(fixed).digest();
const timed = async (work) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** One row a transaction, as the engine writes between two effects, by runs that do not wait for each other. */
const appendRate = async (store, writers) => {
  const runs = await Promise.all(Array.from({ length: writers }, () => startRun(store, ctx, uuidv7())));
  const entries = turnOf(store, runs[0], 1).entries;
  const end = performance.now() + WRITE_MS;
  let rows = 0;
  const took = await timed(() =>
    Promise.all(
      runs.map(async (run) => {
        for (let i = 0; performance.now() < end; i++, rows++) await run.commit([entries[i % entries.length]]);
      }),
    ),
  );
  return { writers, rows_per_s: Math.round((rows / took) * 1_000) };
};

const cpuMs = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
};

/** Processor time that the server's processes have used so far, by /proc/<pid>/stat. */
const serverCpuMs = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ');
      } catch {
        return []; // it has ended meanwhile
      }
    })
    .filter(([, parent]) => Number(parent) === postgres.pid)
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS, 0);

const readTimes = async (last, read) => {
  const times = [];
  const noise = [];
  let fixedMs = 0;
  const cpu = process.cpuUsage();
  const serverCpu = serverCpuMs();
  for (let i = 0; i < READS; i++) {
    times.push(await timed(() => read(Math.floor(Math.random() * last))));
    const before = process.cpuUsage();
    noise.push(await timed(fixedWork));
    fixedMs += cpuMs(before);
  }
  const [node_cpu_ms, postgres_cpu_ms] = [cpuMs(cpu) - fixedMs, serverCpuMs() - serverCpu].map((ms) =>
    round(ms / READS),
  );
  const [p50_ms, p99_ms] = [0.5, 0.99].map((q) => round(quantile(times, q)));
  return {
    reads: READS,
    p50_ms,
    p99_ms,
    node_cpu_ms,
    postgres_cpu_ms,
    noise: [0.5, 0.99].map((q) => round(quantile(noise, q))),
  };
};

const historyLoads = async (database, store, run) => {
  const history = new StepHistory(
    new ActionRepository(),
    store.sealer,
    new PlaybookService(database, new ToolRegistry()),
  );
  const execution = await database.inTeam(ctx, (tx) => executions.get(tx, run.id));
  const item = { execution_id: run.id, team: ctx.team, attempt: 1, failures: 0 };
  const claimed = new Run(database, store.journal, execution, item, new AbortController().signal);
  const wall = [];
  collect();
  const before = process.memoryUsage();
  const cpu = process.cpuUsage();
  let progress;
  for (let i = 0; i < HISTORY_LOADS; i++) wall.push(await timed(async () => (progress = await history.of(claimed))));
  const { user, system } = process.cpuUsage(cpu);
  collect();
  const heap_mb = Math.round((process.memoryUsage().heapUsed - before.heapUsed) / 1e6);
  const cpu_ms = Math.round((user + system) / 1_000 / HISTORY_LOADS);
  return { steps: progress.finished.length, p50_ms: Math.round(quantile(wall, 0.5)), cpu_ms, heap_mb };
};

const measure = async (adminUrl, home) => {
  process.env.TEST_ADMIN_URL = adminUrl;
  const { database, close } = await openTestDatabase(executor);
  const store = openRunStore(database, join(home, 'key'));
  const service = new ExecutionService(database, executions, store.journal, null);
  try {
    const append = [];
    for (const writers of WRITERS) append.push(await appendRate(store, writers));
    let run;
    const wrote = await timed(async () => (run = await writeLongRun(store, ctx, { steps: STEPS })));
    const execution_id = run.id;
    return {
      append,
      factory: { rows: run.rows, rows_per_s: Math.round((run.rows / wrote) * 1_000) },
      frames_500: await readTimes(run.rows, (after) => service.frames(ctx, { execution_id, after, limit: 500 })),
      steps_100: await readTimes(STEPS, (after) => service.steps(ctx, { execution_id, after, limit: 100 })),
      get_execution: {
        ...(await readTimes(1, () => service.get(ctx, execution_id))),
        bytes: JSON.stringify(await service.get(ctx, execution_id)).length,
      },
      history: await historyLoads(database, store, run),
    };
  } finally {
    await close();
  }
};

const tableOf = ({ append, factory, frames_500, steps_100, get_execution, history, machine }) => {
  const read = (what, times, target) => [
    `${what}, p50 / p99`,
    `${times.p50_ms} / ${times.p99_ms} ms`,
    `${times.node_cpu_ms} + ${times.postgres_cpu_ms} ms`,
    `${times.noise[0]} / ${times.noise[1]} ms`,
    target ? (times.p99_ms <= target ? `<= ${target} ms` : `**missed**: <= ${target} ms`) : '',
  ];
  const rows = [
    ...append.map(({ writers, rows_per_s }) => [
      `append, one row a commit, ${writers === 1 ? 'one execution' : `${writers} executions at once`}`,
      `${rows_per_s} rows/s`,
    ]),
    ['append, 900 rows a commit', `${factory.rows_per_s} rows/s`],
    read('500 frames anywhere in 180,000', frames_500, TARGET_READ_MS),
    read('100 steps anywhere in 20,000', steps_100, TARGET_READ_MS),
    read(`the execution with its first steps (${Math.round(get_execution.bytes / 1_000)} kB)`, get_execution),
    [
      'recovery: 20,000 steps with arguments and outputs read back',
      `${history.p50_ms} ms, ${history.heap_mb} MB heap`,
      `${history.cpu_ms} ms`,
    ],
  ];
  return [
    `One run of 20,000 steps (180,000 journal rows), durable PostgreSQL 18, pool of 4, ${machine.cpus} cores, load average`,
    `${machine.load_before} before and ${machine.load_after} after, nice ${machine.nice}. *Noise*: a fixed piece of work (SHA-256 of 2 MiB) timed between`,
    'the reads; a p99 of it far above its p50 is the machine’s, not the journal’s.',
    '',
    '| what | figure | CPU each, node + PostgreSQL | noise, p50 / p99 | target for p99 |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${[...row, '', '', ''].slice(0, 5).join(' | ')} |`),
  ].join('\n');
};

const folder = fileURLToPath(new URL('.', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'spectrace-bench-'));
chmodSync(home, 0o711); // PostgreSQL runs as another user when this one is root
const load_before = round(loadavg()[0]);
const postgres = await startPostgres({ dataDir: join(home, 'postgres') });
try {
  const figures = await measure(postgres.adminUrl, home);
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? '',
    memory_mb: Math.round(totalmem() / 1e6),
    node: process.version,
    nice: getPriority(),
    load_before,
    load_after: round(loadavg()[0]),
  };
  const result = { at: new Date().toISOString(), machine, ...figures };
  mkdirSync(join(folder, 'results'), { recursive: true });
  writeFileSync(join(folder, 'results', 'journal.json'), `${JSON.stringify(result, null, 2)}\n`);
  const table = tableOf(result);
  writeSection('Journal', 'node bench/journal.mjs', table);
  console.log(table);
} finally {
  await postgres.stop();
  rmSync(home, { recursive: true, force: true });
}
