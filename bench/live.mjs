// `node bench/live.mjs`: 500 WebSockets that watch one run of 100 frames of 1 KiB a second, through the gateway and through
// plain `ws`, in turns.
import { connect } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, child, message } from './children.mjs';
import { median, quantile, round } from './figures.mjs';
import { Machine } from './machine.mjs';
import { keep } from './report.mjs';
import { startServers } from './servers.mjs';
import { Suite } from './suite.mjs';

const SOCKETS = 500;
const FRAMES_PER_S = 100;
const FRAME_BYTES = 1_024;
const ROUND_MS = 10_000;
const WARM_MS = 3_000;
const SETTLE_MS = 1_500;
const ROUNDS = 3;
/** One person may hold 100 connections. */
const PEOPLE = 6;
const TARGET_RATIO = 1.3;
const WAITS = `
apiVersion: playbook/v1
name: waits
steps:
  - id: ask
    uses: file.delete@v1
    with: { path: data/customers.db }
`;

const machine = new Machine();

/** A run that waits for a person, so that nobody but this benchmark adds to its frames. */
const startRun = async (suite) => {
  await suite.call('POST', '/api/playbooks', WAITS, 'application/yaml');
  const folder = suite.workspace('watched', 0);
  const { id } = await suite.execute('waits', folder);
  for (;;) {
    const { status, last_seq } = await suite.call('GET', `/api/executions/${id}`);
    if (status === 'paused') return { id, last_seq };
    await delay(50);
  }
};

/** Access tokens of as many people as it takes. */
const people = async (suite, team) => {
  const tokens = [];
  for (let n = 0; n < PEOPLE; n += 1) tokens.push(await suite.person(team, `watcher.${n}@example.org`));
  return tokens;
};

const frameOf = (execution, seq) => {
  const at = new Date().toISOString();
  const thought = `${performance.timeOrigin + performance.now()} `;
  const frame = { type: 'step_update', execution_id: execution, seq, at, kind: 'step.proposed' };
  const text = (pad) => JSON.stringify({ ...frame, step: { step: 1, thought: thought + pad, actions: [] } });
  return text('x'.repeat(FRAME_BYTES - text('').length));
};

/** Publishes at a steady pace until told to stop; a frame that is due late is sent at once. */
const publish = (connection, subject, execution, seq) => {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) * FRAMES_PER_S) / 1_000;
    for (; sent < due; sent += 1) connection.publish(subject, frameOf(execution, (seq.last += 1)));
  }, 2);
  return () => clearInterval(timer);
};

/** Frames begin when everybody is there: what was missed would be in no journal. */
const measureRound = async (urls, startPublishing) => {
  const clients = child('./live-clients.mjs', { urls: urls(), count: SOCKETS });
  await message(clients);
  await delay(SETTLE_MS);
  const stop = startPublishing();
  const report = async () => (await ask(clients, 'report')).lags;
  await delay(WARM_MS);
  await report();
  await delay(ROUND_MS);
  const lags = await report();
  stop();
  clients.disconnect();
  const expected = (SOCKETS * FRAMES_PER_S * ROUND_MS) / 1_000;
  return { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99), delivered: lags.length / expected };
};

const servers = await startServers();
const suite = new Suite({ NATS_URL: servers.natsUrl });
try {
  await suite.start();
  await suite.signIn();
  const { team } = await suite.call('GET', '/api/auth/me');
  const { id, last_seq } = await startRun(suite);
  const tokens = await people(suite, team);
  const connection = await connect(servers.nats);
  const subject = `live.executor.execution.journaled.v1.${team}.${id}`;
  const plain = child('./live-plain.mjs', { nats: servers.nats, subject });
  const { port } = await message(plain);
  const seq = { last: last_seq };
  const frames = () => publish(connection, subject, id, seq);
  const ours = () =>
    tokens.map((token) => ({
      url: `${suite.url.replace('http', 'ws')}/ws/${id}?after=${seq.last}`,
      headers: { authorization: `Bearer ${token}` },
    }));
  const rounds = { gateway: [], plain: [] };
  for (let n = 0; n < ROUNDS; n += 1) {
    machine.sample(10);
    rounds.gateway.push(await measureRound(ours, frames));
    rounds.plain.push(await measureRound(() => [{ url: `ws://127.0.0.1:${port}`, headers: {} }], frames));
  }
  machine.sample(10);
  plain.disconnect();
  await connection.close();
  const middle = (of, name) => round(median(of.map((one) => one[name])));
  const figures = (of) =>
    `lag p50 ${middle(of, 'p50')} ms, p99 ${middle(of, 'p99')} ms, ${round(middle(of, 'delivered') * 100, 0)} % in time`;
  const ratio = round(median(rounds.gateway.map(({ p50 }, n) => p50 / rounds.plain[n].p50)));
  const row = {
    what: `${FRAMES_PER_S} frames of ${FRAME_BYTES} bytes a second to each of ${SOCKETS} sockets`,
    ours: `\`/ws/{id}\`: ${figures(rounds.gateway)}`,
    peer: `plain \`ws\`: ${figures(rounds.plain)}`,
    ratio,
    target: `<= ${TARGET_RATIO} x p50`,
    met: ratio <= TARGET_RATIO,
  };
  keep('live', { machine, rows: [row], rounds });
} finally {
  await suite.stop();
  suite.remove();
  await servers.stop();
}
