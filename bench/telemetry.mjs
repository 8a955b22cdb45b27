// `node bench/telemetry.mjs` (after `npm run build`): what telemetry costs. Three suites at once, measured in turns: off,
// with a collector that takes everything, and with one that is not there. Prints the table, keeps the raw figures in
// bench/results/telemetry.json and renews its part of bench/README.md.
import '../scripts/from-source.mjs';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { writeSection } from './readme.mjs';
import { memoryOf, Suite } from './suite.mjs';

const ROUNDS = 6;
const ACTIONS = 100;
const REQUESTS = 150;
/** A person may ask 600 times a minute. */
const PEOPLE = 5;
const SCRAPES = 40;
const BUSY = 4;
const OFF_SPANS = 1_000_000;
const OFF_ROUNDS = 5;
const TARGET_SCRAPE_MS = 100;
const NOISE_BYTES = 2 * 1024 * 1024;

const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
};
const round = (value, digits = 2) => Number(value.toFixed(digits));
const timed = async (work) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** Linux counts processor time in these. */
const TICK_MS = 10;
/** Processor time that a process has used so far: what others do on the machine changes it little. */
const cpuOf = ({ process: { pid } }) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

const block = Buffer.alloc(NOISE_BYTES);
const noise = [];
const calibrate = async () => noise.push(await timed(() => createHash('sha256').update(block).digest()));

const reading = `
apiVersion: playbook/v1
name: reading
steps:
  - id: read
    for_each: [${Array.from({ length: ACTIONS }, (_, n) => n).join(', ')}]
    max: ${ACTIONS}
    uses: file.read@v1
    with: { path: f0/0.txt }
`;

/** Takes every batch, and reads none. */
const startSink = async () => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
};

const openBench = async (name, settings) => {
  const suite = new Suite(settings);
  await suite.start();
  await suite.signIn();
  await suite.call('POST', '/api/playbooks', reading, 'application/yaml');
  const { team } = await suite.call('GET', '/api/auth/me');
  const people = [];
  for (let n = 0; n < PEOPLE; n++) people.push(await suite.person(team, `reader-${n}@example.org`));
  const folder = suite.workspace('small', 1);
  return { name, suite, people, folder, action_ms: [], me_ms: [], scrape_ms: [], action_cpu_ms: 0, me_cpu_ms: 0 };
};

const actions = async (bench) => {
  const cpu = cpuOf(bench.suite);
  const took = await timed(() => bench.suite.execute('reading', bench.folder, true));
  bench.action_ms.push(took / ACTIONS);
  bench.action_cpu_ms += cpuOf(bench.suite) - cpu;
};

const get = async (url, token) => {
  const answer = await fetch(url, token && { headers: { authorization: `Bearer ${token}` } });
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
  await answer.arrayBuffer();
};

const askWhoIAm = async (bench, n) => {
  const token = bench.people[n % PEOPLE];
  const cpu = cpuOf(bench.suite);
  for (let i = 0; i < REQUESTS; i++) {
    bench.me_ms.push(await timed(() => get(`${bench.suite.url}/api/auth/me`, token)));
  }
  bench.me_cpu_ms += cpuOf(bench.suite) - cpu;
};

/** While a run is under way and others ask. */
const scrape = async ({ suite, people, folder, scrape_ms }) => {
  let going = true;
  const load = people.slice(0, BUSY).map(async (token) => {
    for (let i = 0; i < REQUESTS && going; i++) await get(`${suite.url}/api/auth/me`, token);
  });
  load.push(suite.execute('reading', folder, true));
  for (let i = 0; i < SCRAPES; i++) scrape_ms.push(await timed(() => get(`${suite.url}/metrics`)));
  going = false;
  await Promise.all(load);
};

const spansOf = async ({ suite }) => {
  const text = await (await fetch(`${suite.url}/metrics`)).text();
  const count = (outcome) =>
    Number(new RegExp(`^spectrace_telemetry_spans_total\\{outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { exported: count('exported'), failed: count('failed'), dropped: count('dropped') };
};

/** Nanoseconds that a span costs where none is recorded, beside the same call without one. */
const offCost = async () => {
  const { inSpan } = await import('../libs/telemetry/src/index.ts');
  const spec = { service: 'bench', name: 'nothing' };
  const loop = (work) => async () => {
    for (let i = 0; i < OFF_SPANS; i++) await work();
  };
  const nothing = async () => undefined;
  const [bare, off] = [[], []];
  for (let n = 0; n < OFF_ROUNDS; n++) {
    bare.push(await timed(loop(nothing)));
    off.push(await timed(loop(() => inSpan(spec, nothing))));
  }
  return round((Math.min(...off) - Math.min(...bare)) * (1e6 / OFF_SPANS), 0);
};

const figuresOf = async (bench) => ({
  name: bench.name,
  cpu_ms: {
    action: round(bench.action_cpu_ms / (ROUNDS * ACTIONS)),
    me: round(bench.me_cpu_ms / (ROUNDS * REQUESTS)),
  },
  action_ms: { median: round(quantile(bench.action_ms, 0.5)), best: round(Math.min(...bench.action_ms)) },
  me_ms: { p50: round(quantile(bench.me_ms, 0.5)), p99: round(quantile(bench.me_ms, 0.99)) },
  scrape_ms: { p50: round(quantile(bench.scrape_ms, 0.5)), p99: round(quantile(bench.scrape_ms, 0.99)) },
  node_mib: memoryOf(bench.suite).node,
  spans: await spansOf(bench),
});

const tableOf = ({ suites, off_span_ns, load, noise: n, cpus: count }) =>
  [
    `Three suites at once on ${count} cores, measured in turns: ${ROUNDS} rounds of ${ACTIONS} governed \`file.read\` actions and ${REQUESTS} \`GET /api/auth/me\`.`,
    `Load average ${load[0]} before, ${load[1]} after; a fixed piece of work took ${n.best} ms at best, ${n.median} ms in the middle, ${n.worst} ms at worst.`,
    '',
    '| telemetry | governed action: CPU of node, time median / best | `GET /api/auth/me`: CPU of node, time p50 / p99 | `/metrics` under load, p50 / p99 | memory of node | spans |',
    '|---|---|---|---|---|---|',
    ...suites.map(
      ({ name, cpu_ms, action_ms, me_ms, scrape_ms, node_mib, spans }) =>
        `| ${name} | ${cpu_ms.action} ms, ${action_ms.median} / ${action_ms.best} ms | ${cpu_ms.me} ms, ${me_ms.p50} / ${me_ms.p99} ms | ${scrape_ms.p50} / ${scrape_ms.p99} ms${scrape_ms.p99 < TARGET_SCRAPE_MS ? '' : ' **missed**'} | ${node_mib} MiB | ${spans.exported} exported, ${spans.failed} failed, ${spans.dropped} dropped |`,
    ),
    '',
    `A span that is not recorded costs ${off_span_ns} ns. Target for \`/metrics\` p99: < ${TARGET_SCRAPE_MS} ms.`,
  ].join('\n');

const before = round(loadavg()[0]);
const off_span_ns = await offCost();
const sink = await startSink();
const benches = [];
try {
  benches.push(await openBench('off', {}));
  benches.push(await openBench('on, collector takes it', { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url }));
  benches.push(await openBench('on, collector away', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }));
  for (const bench of benches) await actions(bench);
  for (const bench of benches) Object.assign(bench, { action_ms: [], action_cpu_ms: 0 });
  for (let n = 0; n < ROUNDS; n++) {
    for (const bench of benches) await actions(bench);
    await calibrate();
    for (const bench of benches) await askWhoIAm(bench, n);
    await calibrate();
  }
  for (const bench of benches) await scrape(bench);
  const result = {
    at: new Date().toISOString(),
    cpus: cpus().length,
    load: [before, round(loadavg()[0])],
    noise: { best: round(Math.min(...noise)), median: round(quantile(noise, 0.5)), worst: round(Math.max(...noise)) },
    off_span_ns,
    suites: await Promise.all(benches.map(figuresOf)),
  };
  const raw = benches.map(({ name, action_ms, me_ms, scrape_ms }) => ({ name, action_ms, me_ms, scrape_ms }));
  const file = join(import.meta.dirname, 'results/telemetry.json');
  const rounded = JSON.stringify({ ...result, raw }, (_, value) =>
    typeof value === 'number' ? round(value, 3) : value,
  );
  writeFileSync(file, `${rounded}\n`);
  const table = tableOf(result);
  writeSection('Telemetry', 'npm run -s build && node bench/telemetry.mjs', table);
  console.log(table);
} finally {
  for (const { suite } of benches) {
    await suite.stop();
    suite.remove();
  }
  sink.server.close();
}
