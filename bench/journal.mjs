// `node bench/journal.mjs`: how fast an execution's journal is written, read and recovered from, on a durable PostgreSQL
// of its own.
import '../scripts/from-source.mjs';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { quantile, round } from './figures.mjs';
import { Machine } from './machine.mjs';
import { keep } from './report.mjs';

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

const machine = new Machine();
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

/** Processor time that the server's processes have used so far, those that have ended too, by /proc/<pid>/stat. */
const serverCpuMs = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const [, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ');
        return { pid: Number(pid), parent: Number(fields[0]), ticks: fields.slice(10, 14).map(Number) };
      } catch {
        return { ticks: [] }; // it has ended meanwhile
      }
    })
    .filter(({ pid, parent }) => pid === postgres.pid || parent === postgres.pid)
    .reduce((sum, { ticks: [user, system, endedUser, endedSystem] }) => {
      return sum + (user + system + endedUser + endedSystem) * TICK_MS;
    }, 0);

const readTimes = async (last, read) => {
  const times = [];
  let fixedMs = 0;
  const cpu = process.cpuUsage();
  const serverCpu = serverCpuMs();
  for (let i = 0; i < READS; i++) {
    times.push(await timed(() => read(Math.floor(Math.random() * last))));
    const before = process.cpuUsage();
    machine.sample();
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

const rowsOf = ({ append, factory, frames_500, steps_100, get_execution, history }) => {
  const read = (what, times, target) => ({
    what: `Journal: ${what}`,
    ours: `p50 ${times.p50_ms} ms, p99 ${times.p99_ms} ms; CPU ${times.node_cpu_ms} + PostgreSQL ${times.postgres_cpu_ms} ms`,
    ...(target && { target: `p99 <= ${target} ms`, met: times.p99_ms <= target }),
  });
  return [
    ...append.map(({ writers, rows_per_s }) => ({
      what: `Journal: append, one row a commit, ${writers === 1 ? 'one execution' : `${writers} executions at once`}`,
      ours: `${rows_per_s} rows/s`,
    })),
    { what: 'Journal: append, 900 rows a commit', ours: `${factory.rows_per_s} rows/s` },
    read('500 frames anywhere in 180,000', frames_500, TARGET_READ_MS),
    read('100 steps anywhere in 20,000', steps_100, TARGET_READ_MS),
    read(`the execution with its first steps (${Math.round(get_execution.bytes / 1_000)} kB)`, get_execution),
    {
      what: 'Journal: recovery, 20,000 steps with arguments and outputs read back',
      ours: `${history.p50_ms} ms, CPU ${history.cpu_ms} ms, ${history.heap_mb} MB heap`,
    },
  ];
};

const home = mkdtempSync(join(tmpdir(), 'spectrace-bench-'));
chmodSync(home, 0o711); // PostgreSQL runs as another user when this one is root
const postgres = await startPostgres({ dataDir: join(home, 'postgres') });
try {
  const figures = await measure(postgres.adminUrl, home);
  keep('journal', { machine, rows: rowsOf(figures), ...figures });
} finally {
  await postgres.stop();
  rmSync(home, { recursive: true, force: true });
}
