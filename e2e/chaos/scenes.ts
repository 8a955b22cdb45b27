import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats, FACTS_STREAM, prepareStream } from '#messaging';
import { Chance, moment, until } from '#testing';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller } from '../caller.js';
import { Processes } from '../processes.js';
import { type Settings, SuiteProcess } from '../suite-process.js';
import { Crowd } from './crowd.js';
import { isClean, type Tally, tallyOf } from './tally.js';

const APPROVER = 'approver@example.org';
/** How often a suite is killed again before it is ready. */
const EARLY = 0.2;
/** A suite is ready after 1 to 3 seconds. */
const EARLY_MS = { low: 50, high: 2_500 };
const BETWEEN_FAULTS_MS = { low: 1_500, high: 4_000 };
/** Longer than the lease of the executors in this scene. */
const PAUSE_MS = 8_000;
const LEASE_S = 5;
/** After the last fault; a lease of an executor and one of a relay have to run out in it. */
const END_MS = 120_000;

/** Errors and what is worse, in pino's numbers. */
const ALARM = /"level":[56]0/;

export interface Scene {
  /** At a time. */
  runs: number;
  seed: number;
  say: (line: string) => void;
}

/** `kill -9` of the whole suite, PostgreSQL and NATS with it, at moments that the seed decides. */
export const killSuite = async (
  scene: Scene & { kills: number; aliveMs: { low: number; high: number }; settings?: Settings },
): Promise<Tally> => {
  const { kills, aliveMs, runs, say } = scene;
  const chance = new Chance(scene.seed);
  const suite = await SuiteProcess.open(scene.settings);
  try {
    let approver = await suite.person(APPROVER, 'approver');
    const door = { operator: (): Caller => suite.admin, approver: (): Caller => approver };
    const crowd = new Crowd(door, suite.workspaces, runs);
    await crowd.start();
    for (let kill = 1, ready = true; kill <= kills; kill++) {
      const { low, high } = ready ? aliveMs : EARLY_MS;
      await moment(chance.between(low, high));
      await suite.crash();
      const starting = suite.start();
      ready = kill === kills || chance.next() >= EARLY;
      if (ready) {
        await starting;
        approver = await suite.personAgain(APPROVER);
      } else starting.catch(() => undefined);
      say(`kill ${kill} of ${kills}, ${crowd.runs.filter(({ ended }) => ended).length} runs have ended`);
    }
    await crowd.finish(END_MS);
    return explained(await tallyOf(crowd, suite.admin, kills), [join(suite.home, 'suite.log')], say);
  } finally {
    await suite.close();
  }
};

/** What the logs of a house that is about to be pulled down complained of, and how often. */
const explained = (tally: Tally, logs: string[], say: Scene['say']): Tally => {
  if (isClean(tally)) return tally;
  const alarms = logs.flatMap((log) =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => ALARM.test(line)),
  );
  const times = new Map<string, number>();
  for (const { service, err, msg } of alarms.map((line) => JSON.parse(line))) {
    const complaint = `${service}: ${err?.message ?? msg}`;
    times.set(complaint, (times.get(complaint) ?? 0) + 1);
  }
  for (const [complaint, count] of times) say(`${count} times ${complaint}`);
  return tally;
};

type Fault = [name: string, strike: (processes: Processes) => Promise<void>];

const killed = (name: string): Fault => [`${name} killed`, (processes) => processes.kill(name)];

/** What can happen to services and servers that are processes of their own. */
const FAULTS: Fault[] = [
  ...['executor-1', 'executor-2', 'gateway-1', 'gateway-2', 'governance-1', 'prediction-1', 'nats', 'postgres'].map(
    killed,
  ),
  [
    'executor-1 paused beyond its lease',
    async (processes) => {
      const pid = processes.pidOf('executor-1');
      process.kill(pid, 'SIGSTOP');
      await moment(PAUSE_MS);
      process.kill(pid, 'SIGCONT');
    },
  ],
  ['the stream lost', (processes) => loseStream(processes)],
];

/** Every fault so many times, in an order that the seed decides. */
export const strikeProcesses = async (scene: Scene & { rounds: number }): Promise<Tally> => {
  const { rounds, runs, say } = scene;
  const chance = new Chance(scene.seed);
  const processes = await Processes.run(['--restart'], { EXECUTOR_LEASE_SECONDS: String(LEASE_S) });
  try {
    const approver = await processes.person(APPROVER, 'approver');
    let turn = 0;
    const gateway = (): string => processes.gateway((turn++ % 2) + 1);
    const door = {
      operator: (): Caller => processes.admin.through(gateway()),
      approver: (): Caller => approver.through(gateway()),
    };
    const crowd = new Crowd(door, processes.workspaces, runs);
    await crowd.start();
    for (let round = 0; round < rounds; round++) {
      for (const [name, strike] of chance.shuffled(FAULTS)) {
        await moment(chance.between(BETWEEN_FAULTS_MS.low, BETWEEN_FAULTS_MS.high));
        await strike(processes);
        say(`${name}, ${crowd.runs.filter(({ ended }) => ended).length} runs have ended`);
      }
    }
    await crowd.finish(END_MS);
    await until(
      'the first gateway',
      () =>
        processes.admin.get('/readyz').then(
          ({ status }) => status === 200,
          () => false,
        ),
      END_MS,
    );
    const folder = join(processes.home, 'processes');
    const logs = readdirSync(folder).map((name) => join(folder, name));
    return explained(await tallyOf(crowd, processes.admin, 0), logs, say);
  } finally {
    await processes.close();
  }
};

/** The stream is gone with everything in it, and made anew by whoever operates the house. */
const loseStream = async (processes: Processes): Promise<void> => {
  const { home } = processes;
  const { port } = JSON.parse(readFileSync(join(home, 'nats/nats.conf'), 'utf8'));
  const connection = await connectNats({ natsUrl: `nats://127.0.0.1:${port}`, home }, 'bootstrap');
  await (await jetstreamManager(connection)).streams.delete(FACTS_STREAM);
  await prepareStream(connection);
  await connection.close();
};
