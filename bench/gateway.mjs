// What the gateway adds: `GET /api/auth/me` beside plain Fastify, routes of one and two bus calls beside raw NATS, and
// probes under load. Servers take turns within each round, so that the machine's noise falls on all of them.
import { connect } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, child, message } from './children.mjs';
import { median, quantile, round } from './figures.mjs';
import { Machine } from './machine.mjs';
import { seatPeople } from './people.mjs';
import { keep } from './report.mjs';
import { startServers } from './servers.mjs';
import { Suite } from './suite.mjs';

const ROUNDS = 7;
const TURN_MS = 1_200;
const WARM_MS = 2_500;
const PROBE_MS = 5_000;
const PROBE_PAUSE_MS = 4;
const CROWD = 16;
const PEOPLE = 2_000;
/** Of what one person may ask in a minute. */
const SHARE_OF_LIMIT = 0.8;
const TARGET = { ratio: 1.5, health_ms: 50, metrics_ms: 100 };
const ME = '/api/auth/me';
const READS = `
apiVersion: playbook/v1
name: reads
steps:
  - id: read
    uses: file.read@v1
    with: { path: f0/0.txt }
`;

const machine = new Machine();
const fetched = async (port, path, token) => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

/** Fails unless the peer says what the gateway says, under the same security headers. */
const assertAlike = async (ours, peer, token) => {
  const [mine, theirs] = await Promise.all([ours, peer].map((port) => fetched(port, ME, token)));
  const names = ({ headers }) =>
    [...headers.keys()].filter((name) => !name.startsWith('ratelimit') && name !== 'date').join(' ');
  if (mine.text !== theirs.text) throw new Error(`not the same answer: ${mine.text} and ${theirs.text}`);
  if (names(mine) !== names(theirs)) throw new Error(`not the same headers: ${names(mine)} and ${names(theirs)}`);
};

/** Calls a person may make here, with room to spare. */
const callsPerToken = async (port, token) => {
  const { headers } = await fetched(port, ME, token);
  const quotas = [...(headers.get('ratelimit-policy') ?? '').matchAll(/q=(\d+)/g)].map(([, calls]) => Number(calls));
  return Math.floor(Math.min(...quotas) * SHARE_OF_LIMIT);
};

/** Rounds of turns: `turns` of name -> a measurement; returns name -> its measurements. */
const rounds = async (turns, count = ROUNDS) => {
  const found = Object.fromEntries(Object.keys(turns).map((name) => [name, []]));
  for (let n = 0; n < count; n++) {
    machine.sample(3);
    for (const [name, measure] of Object.entries(turns)) found[name].push(await measure());
  }
  return found;
};

const p50 = (of) => median(of.map(({ p50_ms }) => p50_ms));
const p99 = (of) => median(of.map(({ p99_ms }) => p99_ms));
/** Median over the rounds of how the two p50 of one round compare. */
const ratioOf = (ours, peers) => round(median(ours.map(({ p50_ms }, n) => p50_ms / peers[n].p50_ms)));
const figures = (of) => `p50 ${round(p50(of))} ms, p99 ${round(p99(of))} ms`;

const overhead = async (clients) => {
  const turn = (name, connections) => () => ask(clients[name], { path: ME, connections, ms: TURN_MS });
  const names = Object.keys(clients);
  for (const name of names) await ask(clients[name], { path: ME, connections: CROWD, ms: WARM_MS });
  const found = {};
  for (const connections of [1, CROWD]) {
    found[connections] = await rounds(Object.fromEntries(names.map((name) => [name, turn(name, connections)])));
  }
  return found;
};

const overheadRows = (found) =>
  Object.entries(found).flatMap(([connections, { gateway, fastify, remembering, strangers }]) => {
    const what = `\`GET ${ME}\`, ${connections} connection${connections === '1' ? '' : 's'}`;
    const ratio = ratioOf(gateway, fastify);
    return [
      {
        what,
        ours: figures(gateway),
        peer: `Fastify 5: ${figures(fastify)}`,
        ratio,
        target: `<= ${TARGET.ratio} x p50`,
        met: ratio <= TARGET.ratio,
      },
      {
        what,
        ours: figures(gateway),
        peer: `Fastify 5 that remembers verified tokens: ${figures(remembering)}`,
        ratio: ratioOf(gateway, remembering),
      },
      {
        what: `${what}, everybody a stranger`,
        ours: figures(strangers),
        peer: `Fastify 5: ${figures(fastify)}`,
        ratio: ratioOf(strangers, fastify),
      },
    ];
  });

/** How many questions one request puts on the bus. */
const busCalls = async (nats, request) => {
  let count = 0;
  const tap = nats.subscribe('rpc.>', { callback: () => (count += 1) });
  await nats.flush();
  await request();
  await nats.flush();
  tap.unsubscribe();
  return count;
};

/** @param atOnce how many questions each trip asks at the same time, one trip after the other */
const rawTrips = (nats, subject, atOnce) => async () => {
  const question = 'x'.repeat(200);
  const times = [];
  const end = performance.now() + TURN_MS;
  while (performance.now() < end) {
    const began = performance.now();
    for (const count of atOnce) {
      await Promise.all(Array.from({ length: count }, () => nats.request(subject, question, { timeout: 5_000 })));
    }
    times.push(performance.now() - began);
  }
  return { p50_ms: quantile(times, 0.5), p99_ms: quantile(times, 0.99), count: times.length };
};

const roundTrips = async ({ suite, servers, client, token }) => {
  const folder = suite.workspace('read', 1);
  await suite.call('POST', '/api/playbooks', READS, 'application/yaml');
  const { id } = await suite.execute('reads', folder, true);
  const nats = await connect(servers.nats);
  const routes = { one: `/api/executions/${id}`, two: `/api/executions/${id}/stream` };
  const { port } = new URL(suite.url);
  const { text } = await fetched(port, routes.one, token);
  const subject = 'bench.echo';
  const echo = child('./nats-echo.mjs', { nats: servers.nats, subject, bytes: text.length });
  await message(echo);
  const calls = {
    one: await busCalls(nats, () => fetched(port, routes.one, token)),
    two: await busCalls(nats, () => fetched(port, routes.two, token)),
  };
  if (calls.one !== 1 || calls.two !== 3) throw new Error(`the routes cost ${calls.one} and ${calls.two} bus calls`);
  const turns = {
    one: () => ask(client, { path: routes.one, connections: 1, ms: TURN_MS }),
    raw_one: rawTrips(nats, subject, [1]),
    two: () => ask(client, { path: routes.two, connections: 1, ms: TURN_MS, closes: true }),
    raw_two: rawTrips(nats, subject, [1, 2]),
  };
  await rounds(turns, 1);
  const found = await rounds(turns, 5);
  echo.disconnect();
  await nats.close();
  return { ...found, reply_bytes: text.length };
};

const roundTripRows = ({ one, raw_one, two, raw_two }) => [
  {
    what: '`GET /api/executions/{id}`: one bus call',
    ours: figures(one),
    peer: `raw NATS request: ${figures(raw_one)}`,
    ratio: ratioOf(one, raw_one),
  },
  {
    what: '`GET /api/executions/{id}/stream` of an ended run: two trips (a bus call, then two at once), on a connection of its own',
    ours: figures(two),
    peer: `the same requests raw: ${figures(raw_two)}`,
    ratio: ratioOf(two, raw_two),
  },
];

const underLoad = async (crowd, prober) => {
  const found = {};
  for (const path of ['/health', '/metrics']) {
    machine.sample(3);
    const hammer = ask(crowd, { path: ME, connections: CROWD, ms: PROBE_MS + 1_000 });
    await delay(500);
    found[path] = await ask(prober, { path, connections: 1, ms: PROBE_MS, pauseMs: PROBE_PAUSE_MS });
    found[path].requests_meanwhile = (await hammer).count;
  }
  return found;
};

const underLoadRows = (found) =>
  [
    ['/health', TARGET.health_ms],
    ['/metrics', TARGET.metrics_ms],
  ].map(([path, target]) => ({
    what: `\`${path}\` while ${CROWD} connections ask \`${ME}\``,
    ours: `p50 ${round(found[path].p50_ms)} ms, p99 ${round(found[path].p99_ms)} ms`,
    target: `p99 <= ${target} ms`,
    met: found[path].p99_ms <= target,
  }));

const servers = await startServers({ postgres: true });
const suite = new Suite({ NATS_URL: servers.natsUrl, DATABASE_URL: servers.adminUrl });
const children = [];
const started = async (file, given) => {
  const process = child(file, given);
  children.push(process);
  return { process, said: await message(process) };
};
try {
  await suite.start();
  await suite.signIn();
  const { team } = await suite.call('GET', ME);
  const crowd = await seatPeople({ adminUrl: servers.adminUrl, home: suite.home, team, count: PEOPLE });
  const ours = Number(new URL(suite.url).port);
  const [token] = crowd.tokens;
  const answer = JSON.parse((await fetched(ours, ME, token)).text);
  const people = Object.fromEntries(
    crowd.people.map(({ user, email }) => [user, { ...answer, user: { ...answer.user, id: user, email } }]),
  );
  const peopleFile = suite.keepJson('people.json', people);
  const plain = (remembers) =>
    started('./gateway-plain.mjs', { key: crowd.key, kid: crowd.kid, peopleFile, remembers });
  const ports = { gateway: ours, fastify: (await plain(false)).said.port, remembering: (await plain(true)).said.port };
  for (const name of ['fastify', 'remembering']) await assertAlike(ours, ports[name], token);
  const tokensFile = suite.keepJson('tokens.json', crowd.tokens);
  const calls = await callsPerToken(ours, token);
  const clients = {};
  for (const [name, port] of Object.entries(ports)) {
    clients[name] = (await started('./http-client.mjs', { port, tokensFile, callsPerToken: calls })).process;
  }
  const strangers = { port: ours, tokensFile, callsPerToken: 1 };
  clients.strangers = (await started('./http-client.mjs', strangers)).process;
  const prober = (await started('./http-client.mjs', { port: ours, tokensFile, callsPerToken: calls })).process;
  const overheads = await overhead(clients);
  const rows = overheadRows(overheads);
  console.log(rows);
  const trips = await roundTrips({ suite, servers, client: clients.gateway, token });
  const load = await underLoad(clients.gateway, prober);
  rows.push(...roundTripRows(trips), ...underLoadRows(load));
  machine.sample(3);
  keep('gateway', { machine, rows, overhead: overheads, round_trips: trips, under_load: load });
} finally {
  for (const process of children) if (process.connected) process.disconnect();
  await suite.stop();
  suite.remove();
  await servers.stop();
}
