// `npm run processes -- [--gateways 2] [--executors 2] [--predictions 1] [--governances 1] [--restart]`: every service as a
// process of its own, some twice, on one embedded PostgreSQL and one NATS server, until Ctrl-C. The gateways listen on PORT,
// PORT + 1, … (8000; 0: free ones). With --restart whatever dies comes back, servers on the same port. Who runs is written
// to processes.json in the data folder: name, pid, and the URL of a gateway.
import { startNats, startPostgres } from '#embedded';
import { natsAccountsOf } from '#messaging';
import { createDatabase } from '#persistence';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const readyDeadlineMs = 60_000;
const stopGraceMs = 20_000;
const restartDelayMs = 200;

const option = (count) => ({ type: 'string', default: String(count) });
const { values: wanted } = parseArgs({
  options: {
    gateways: option(2),
    executors: option(2),
    predictions: option(1),
    governances: option(1),
    restart: { type: 'boolean', default: false },
  },
});

const { chooseFolders } = await import('../dist/apps/suite/src/home.js');
const { home, workspaces } = chooseFolders(process.cwd(), process.env.SPECTRACE_HOME ?? '');
const logs = join(home, 'processes');
const running = new Map();
let stopping = false;

const say = (line) => process.stdout.write(`${line}\n`);

function record(name, process_) {
  running.set(name, process_);
  const rows = [...running].map(([name, { pid, door }]) => ({ name, pid, url: door }));
  const file = join(home, 'processes.json');
  writeFileSync(`${file}.new`, JSON.stringify(rows, null, 2));
  renameSync(`${file}.new`, file);
}

/** A service, from now until it ends; `ready` resolves when it said so. setpriv: it ends with this process. */
function startService(name, app, settings) {
  const main = join(root, `dist/apps/${app}/src/main.js`);
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', process.execPath, '--enable-source-maps', main], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log = createWriteStream(join(logs, `${name}.log`), { flags: 'a' });
  child.stdout.pipe(log);
  const ready = new Promise((resolve) => {
    let text = '';
    const look = (chunk) => {
      text += chunk;
      if (!text.includes('"msg":"ready"')) return;
      child.stdout.off('data', look);
      resolve();
    };
    child.stdout.on('data', look);
  });
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`)));
  const door = app === 'gateway' ? `http://127.0.0.1:${settings.PORT}` : undefined;
  return { pid: child.pid, door, ready, exited, stop: () => child.kill('SIGTERM') && exited };
}

/** Starts it, and again whenever it dies if that is wanted. */
async function keep(name, start) {
  const process_ = await start();
  record(name, process_);
  void process_.exited.then(async (how) => {
    if (stopping) return;
    say(`${name} (process ${process_.pid}) ended: ${how ?? 'gone'}`);
    for (let back = false; wanted.restart && !back && !stopping;) {
      await delay(restartDelayMs);
      back = await keep(name, start).then(
        () => true,
        (error) => say(`${name} does not come back yet: ${error.message}`),
      );
    }
  });
  return process_;
}

async function startServers() {
  const [postgresPort, natsPort] = [await freePort(), await freePort()];
  const postgres = await keep('postgres', () => startPostgres({ dataDir: join(home, 'postgres'), port: postgresPort }));
  const nats = await keep('nats', () =>
    startNats({
      storeDir: join(home, 'nats'),
      binDir: join(home, 'bin'),
      port: natsPort,
      access: natsAccountsOf(home),
    }),
  );
  return { DATABASE_URL: await createDatabase(postgres.adminUrl, 'spectrace'), NATS_URL: nats.url };
}

async function prepare(settings) {
  const child = spawn(process.execPath, [join(root, 'dist/apps/suite/src/main.js'), 'migrate'], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error('The database could not be prepared.');
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startServices(settings) {
  const first = Number(process.env.PORT ?? 8000);
  const services = [];
  for (const app of ['prediction', 'governance', 'executor', 'gateway']) {
    for (let i = 0; i < Number(wanted[`${app}s`]); i++) {
      const name = `${app}-${i + 1}`;
      const own = app === 'gateway' ? { PORT: String(first === 0 ? await freePort() : first + i) } : {};
      services.push(await keep(name, () => startService(name, app, { ...settings, ...own })));
    }
  }
  const failed = services.map(({ exited }, i) =>
    exited.then((how) => Promise.reject(new Error(`Service ${i + 1} ended at start: ${how}; see ${logs}`))),
  );
  const late = delay(readyDeadlineMs, undefined, { ref: false }).then(() =>
    Promise.reject(new Error(`Not every service is ready after ${readyDeadlineMs / 1000} s; see ${logs}`)),
  );
  for (const promise of [...failed, late]) promise.catch(() => undefined);
  await Promise.race([Promise.all(services.map(({ ready }) => ready)), late, ...failed]);
}

async function stop() {
  if (stopping) return;
  stopping = true;
  const [postgres, nats, ...services] = [...running.values()];
  await Promise.race([Promise.all(services.map((service) => service.stop())), delay(stopGraceMs)]);
  await nats?.stop();
  await postgres?.stop();
  process.exit();
}

async function main() {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop());
  mkdirSync(logs, { recursive: true });
  // Printed only if it opens the door: then there was nobody before.
  const email = process.env.SPECTRACE_ADMIN_EMAIL || 'admin@localhost';
  const chosen = process.env.SPECTRACE_ADMIN_PASSWORD;
  const password = chosen || randomBytes(15).toString('base64url');
  const settings = {
    WORKSPACE_ROOTS: process.env.WORKSPACE_ROOTS || workspaces,
    SPECTRACE_HOME: home,
    SPECTRACE_ADMIN_EMAIL: email,
    SPECTRACE_ADMIN_PASSWORD: password,
    ...(await startServers()),
  };
  await prepare(settings);
  await startServices(settings);
  const urls = [...running.values()].flatMap(({ door }) => door ?? []);
  say(`SpecTrace is ready: ${urls.join(' ')}   (logs: ${logs})`);
  if (!chosen && (await opens(urls[0], email, password))) {
    say(`First login, shown this once: ${email}  ${password}`);
  }
  for (const [name, { pid }] of running) say(`  ${name.padEnd(14)} process ${pid}`);
  say('Running until Ctrl-C.');
}

const opens = async (url, email, password) => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email, password });
  return (await fetch(`${url}/api/auth/login`, { method: 'POST', headers, body })).ok;
};

main().catch((error) => {
  process.stderr.write(`SpecTrace could not start. ${error.message}\n`);
  process.exitCode = 1;
  void stop();
});
