// A decision over HTTP with its durable record, `POST /loop/execute`, beside plain Fastify with one INSERT. Both write to
// the same PostgreSQL with fsync; they take turns, asked by one client over as many keep-alive connections.
import { Agent, request } from 'node:http';
import { child, message } from './children.mjs';
import { median, quantile, round } from './figures.mjs';
import { startServers } from './servers.mjs';
import { Suite } from './suite.mjs';

const WARM = 50;
const MANY = '1000000';

const poster = (port, token, body) => {
  const agent = new Agent({ keepAlive: true });
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    authorization: `Bearer ${token}`,
  };
  return () =>
    new Promise((resolve, reject) => {
      const options = { agent, port, host: '127.0.0.1', method: 'POST', path: '/loop/execute', headers };
      const asked = request(options, (answer) => {
        let said = '';
        answer.setEncoding('utf8').on('data', (chunk) => (said += chunk));
        answer.on('end', () => {
          if (answer.statusCode === 200 && JSON.parse(said).decision === 'allow') resolve();
          else reject(new Error(`answered ${answer.statusCode} ${said.slice(0, 300)}`));
        });
      });
      asked.on('error', reject).end(text);
    });
};

const asks = async (post, { connections, count }) => {
  const times = [];
  let left = count;
  const lane = async () => {
    while (left-- > 0) {
      const began = performance.now();
      await post();
      times.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: connections }, lane));
  const seconds = (performance.now() - began) / 1_000;
  return { p50_ms: quantile(times, 0.5), p99_ms: quantile(times, 0.99), per_second: times.length / seconds };
};

/** `{[connections]: {ours, plain}}`, each a list of `{p50_ms, p99_ms, per_second}`, one a round. */
export const overHttp = async ({ machine, rounds, count }) => {
  const servers = await startServers({ postgres: true });
  const suite = new Suite({ NATS_URL: servers.natsUrl, DATABASE_URL: servers.adminUrl, RATE_LIMIT_SESSION: MANY });
  let plain;
  try {
    await suite.start();
    await suite.signIn();
    const path = suite.workspace('elsewhere', 1);
    plain = child('./policy-plain.mjs', { adminUrl: servers.adminUrl });
    const { port } = await message(plain);
    const body = {
      task_description: 'read',
      tool: 'file.read',
      arguments: { path: 'f0/0.txt' },
      workspace: { kind: 'local', path },
    };
    const posts = {
      ours: poster(Number(new URL(suite.url).port), suite.token, body),
      plain: poster(port, suite.token, body),
    };
    for (const post of Object.values(posts)) await asks(post, { connections: 4, count: WARM });
    const found = {};
    for (const connections of [1, 8]) {
      found[connections] = { ours: [], plain: [] };
      for (let n = 0; n < rounds; n++) {
        machine.sample(3);
        for (const [name, post] of Object.entries(posts)) {
          found[connections][name].push(await asks(post, { connections, count }));
        }
      }
    }
    return found;
  } finally {
    if (plain?.connected) plain.disconnect();
    await suite.stop();
    suite.remove();
    await servers.stop();
  }
};

const figures = (of) => {
  const [p50, p99, rate] = ['p50_ms', 'p99_ms', 'per_second'].map((name) => median(of.map((one) => one[name])));
  return `p50 ${round(p50)} ms, p99 ${round(p99)} ms, ${Math.round(rate)}/s`;
};

export const httpRows = (found) =>
  Object.entries(found).map(([connections, { ours, plain }]) => ({
    what: `\`POST /loop/execute\`: decided, recorded, answered; ${connections} at once`,
    ours: figures(ours),
    peer: `Fastify 5 with one INSERT: ${figures(plain)}`,
    ratio: round(median(ours.map(({ p50_ms }, n) => p50_ms / plain[n].p50_ms))),
  }));
