// `node bench/approval.mjs [--n 1000]`: from the 200 of an approver's yes to the journal row of the intent it lets through,
// one at a time, with a free worker; and from the same 200 to the hint at a socket of the console. Fewer than 1,000 are a
// trial and keep nothing.
import { parseArgs } from 'node:util';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { quantile, round } from './figures.mjs';
import { Machine } from './machine.mjs';
import { keep } from './report.mjs';
import { Suite } from './suite.mjs';

const FULL = 1_000;
const ACTIONS = 50;
const WARM_RUNS = 1;
/** One person may call 600 times a minute. */
const APPROVERS = 8;
const TARGET_MS = 50;
const TARGET_NOTICE_MS = 1_000;
const HINT_DEADLINE_MS = 5_000;

const { values } = parseArgs({ options: { n: { type: 'string', default: String(FULL) } } });
const N = Number(values.n);
const machine = new Machine();

const spread = (times) => ({
  n: times.length,
  p50: round(quantile(times, 0.5), 1),
  p95: round(quantile(times, 0.95), 1),
  p99: round(quantile(times, 0.99), 1),
  max: round(Math.max(...times), 1),
});

const writing = (actions) => `
apiVersion: playbook/v1
name: writing
steps:
  - id: write
    for_each: [${Array.from({ length: actions }, (_, n) => n).join(', ')}]
    max: ${actions}
    uses: file.write@v1
    with: { path: 'data/\${{ item }}.txt', content: measured }
`;

/** What a socket of the console hears, by the id it is about. */
const openConsole = async (suite, token) => {
  const socket = io(suite.url, { transports: ['websocket'], extraHeaders: { authorization: `Bearer ${token}` } });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  await socket.emitWithAck('join_team');
  const waiting = new Map();
  socket.on('hint', ({ type, id }) => waiting.get(`${type} ${id}`)?.(Date.now()));
  return {
    hint: (type, id) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no hint ${type}`)), HINT_DEADLINE_MS);
        waiting.set(`${type} ${id}`, (at) => {
          clearTimeout(timer);
          waiting.delete(`${type} ${id}`);
          resolve(at);
        });
      }),
    close: () => socket.disconnect(),
  };
};

const approve = async (suite, id, token) => {
  const answer = await fetch(`${suite.url}/api/autonomy/approvals/${id}/approve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{}',
  });
  const at = Date.now();
  const text = await answer.text();
  if (!answer.ok) throw new Error(`approve: ${answer.status} ${text}`);
  return at;
};

/** Answers every question of one run as it comes, and takes the time of what follows. */
const answerRun = async (suite, tokens, page, name) => {
  const { id } = await suite.execute('writing', suite.workspace(name, 0));
  const each = [];
  await new Promise((resolve, reject) => {
    let open = null;
    const ask = async (approval) => {
      machine.sample();
      const noticed = page.hint('approval.decided', approval);
      const sent = Date.now();
      const answered = await approve(suite, approval, tokens[each.length % tokens.length]);
      open = { sent, answered, noticed: await noticed };
      settle();
    };
    let rows = {};
    const settle = () => {
      if (!open || !rows.started) return;
      const { sent, answered, noticed } = open;
      each.push({
        answer_ms: answered - sent,
        resumed_ms: rows.approved - answered,
        intent_ms: Math.max(0, rows.started - answered),
        notice_ms: Math.max(0, noticed - answered),
      });
      open = null;
      rows = {};
    };
    const socket = new WebSocket(`${suite.url.replace('http', 'ws')}/ws/${id}`, {
      headers: { authorization: `Bearer ${suite.token}` },
    });
    socket.on('error', reject).on('close', resolve);
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data));
      const decided = frame.step?.actions[0]?.decided;
      if (frame.kind === 'action.decided' && decided.approval === 'pending') ask(decided.approval_id).catch(reject);
      if (frame.kind === 'action.approved') rows.approved = Date.parse(frame.at);
      if (frame.kind === 'action.started') rows.started = Date.parse(frame.at);
      settle();
    });
  });
  const { status, failure } = await suite.call('GET', `/api/executions/${id}`);
  if (status !== 'succeeded' || each.length !== ACTIONS)
    throw new Error(`the run ended ${status} after ${each.length} answers: ${failure?.message}`);
  return each;
};

const measure = async (suite) => {
  await suite.start();
  await suite.signIn();
  const { team } = await suite.call('GET', '/api/auth/me');
  await suite.call('POST', '/api/playbooks', writing(ACTIONS), 'application/yaml');
  const tokens = [];
  for (let n = 0; n < APPROVERS; n += 1) {
    tokens.push(await suite.person(team, `approver.${n}@example.org`, 'approver'));
  }
  const page = await openConsole(suite, tokens[0]);
  for (let n = 0; n < WARM_RUNS; n += 1) await answerRun(suite, tokens, page, `warm-${n}`);
  const each = [];
  for (let n = 0; each.length < N; n += 1) each.push(...(await answerRun(suite, tokens, page, `measured-${n}`)));
  page.close();
  return each;
};

const rowsOf = ({ answer_ms, resumed_ms, intent_ms, notice_ms }) => {
  const figures = ({ p50, p95, p99, max }) => `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, worst ${max} ms`;
  return [
    { what: 'Approval: request to 200', ours: figures(answer_ms) },
    { what: 'Approval: 200 to the run that goes on', ours: figures(resumed_ms) },
    {
      what: 'Approval: 200 to the next intent',
      ours: figures(intent_ms),
      target: 'p99 <= 50 ms',
      met: intent_ms.p99 <= TARGET_MS,
    },
    {
      what: 'Approval: 200 to the hint at a socket of the console',
      ours: figures(notice_ms),
      target: 'p99 <= 1 s',
      met: notice_ms.p99 <= TARGET_NOTICE_MS,
    },
  ];
};

const suite = new Suite();
try {
  const each = await measure(suite);
  const of = (name) => spread(each.map((one) => one[name]));
  const result = {
    approvals: each.length,
    answer_ms: of('answer_ms'),
    resumed_ms: of('resumed_ms'),
    intent_ms: of('intent_ms'),
    notice_ms: of('notice_ms'),
  };
  console.log(JSON.stringify({ ...result, noise: machine.report().noise }, null, 2));
  if (N >= FULL) keep('approval', { machine, rows: rowsOf(result), ...result });
} finally {
  await suite.stop();
  suite.remove();
}
