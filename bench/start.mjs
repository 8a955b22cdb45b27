// Start-up, memory and the cost of governance of the suite in one process. Plain node on what `npm run build` made:
//   node bench/start.mjs [--runs 5] [--settle 60]
// `--settle` is how many seconds after readiness the memory is measured; a run with another value than 60 is a trial and
// keeps nothing.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { quantile, round, spread } from './figures.mjs';
import { Machine } from './machine.mjs';
import { keep } from './report.mjs';
import { memoryOf, Suite } from './suite.mjs';

const FULL_SETTLE_S = 60;
const ACTIONS = 200;
const RUNS_OF_ACTIONS = 5;
const SUBMISSIONS = 30;
const LARGE_FILES = 10_000;
const LARGE_ACTIONS = 20;
const NOISE_SAMPLES = 10;
const TARGETS = { empty_ms: 15_000, existing_ms: 6_000, pss_mib: 512, large_action_ms: 150 };

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, settle: { type: 'string', default: String(FULL_SETTLE_S) } },
});
const RUNS = Number(values.runs);
const SETTLE_S = Number(values.settle);

const machine = new Machine();
const calibrate = () => machine.sample(NOISE_SAMPLES);

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
    return { ...start, pss_mib, pss_after_work_mib: after_work_mib, action_ms, large_action_ms, ...live };
  } finally {
    if (suite.process.exitCode === null) suite.process.kill('SIGKILL');
    suite.remove();
  }
};

const rowsOf = (result) => {
  const { empty_ms, existing_ms, pss_mib, action_ms, large_action_ms, first_frame_ms, journal_to_frame_ms } = result;
  const seconds = (ms) => `${round(ms / 1_000, 1)} s`;
  const start = ({ median, max, n }) => `${seconds(median)} median, ${seconds(max)} worst of ${n}`;
  return [
    {
      what: 'Start to `/readyz` 200, empty folder',
      ours: start(empty_ms),
      target: '<= 15 s',
      met: empty_ms.max <= TARGETS.empty_ms,
    },
    {
      what: 'Start to `/readyz` 200, existing folder',
      ours: start(existing_ms),
      target: '<= 6 s',
      met: existing_ms.max <= TARGETS.existing_ms,
    },
    {
      what: 'PSS 60 s later',
      ours: `${pss_mib.total} MiB (node ${pss_mib.node}, PostgreSQL ${pss_mib.postgres}, NATS ${pss_mib.nats})`,
      target: '<= 512 MiB',
      met: pss_mib.total <= TARGETS.pss_mib,
    },
    { what: 'Governed `file.read`, 1 file', ours: `${action_ms.median} ms an action (${ACTIONS} in a run)` },
    {
      what: `Governed \`file.read\`, ${LARGE_FILES} files`,
      ours: `${large_action_ms.median} ms an action`,
      target: '<= 150 ms',
      met: large_action_ms.median <= TARGETS.large_action_ms,
    },
    {
      what: 'Task sent to first frame',
      ours: `p50 ${first_frame_ms.median} ms, p99 ${first_frame_ms.p99} ms`,
    },
    {
      what: 'Journal row to frame',
      ours: `p50 ${journal_to_frame_ms.median} ms, p99 ${journal_to_frame_ms.p99} ms`,
    },
  ];
};

const result = await measure();
console.log(JSON.stringify(result, null, 2));
if (SETTLE_S === FULL_SETTLE_S) keep('start', { machine, rows: rowsOf(result), ...result });
