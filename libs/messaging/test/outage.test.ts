import { prediction, serviceReady } from '#contracts';
import { type EmbeddedPostgres, startPostgres } from '#embedded';
import { uuidv7 } from '#kernel';
import { Bus, FACTS_STREAM, prepareStream } from '#messaging';
import { Database } from '#persistence';
import { connectNats, type RunningService, startService } from '#service';
import { callContext, openTestPlatform, type TestPlatform, until } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heardOf, hearer, publish, publisher, step } from './messaging.fixture.js';

const ctx = callContext();
let folder: string;
let postgres: EmbeddedPostgres;
let platform: TestPlatform;
let connection: NatsConnection;
let bootstrap: NatsConnection;
let bus: Bus;
let hearing: RunningService;
let publishing: RunningService;

const startDatabase = async (port?: number): Promise<void> => {
  // Not ephemeral: what was committed must survive the kill.
  postgres = await startPostgres({ dataDir: join(folder, 'postgres'), port });
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spectrace-outage-'));
  chmodSync(folder, 0o711);
  await startDatabase();
  process.env.TEST_ADMIN_URL = postgres.adminUrl;
  platform = await openTestPlatform([hearer, publisher]);
  hearing = await startService(hearer, platform);
  publishing = await startService(publisher, platform);
  connection = await connectNats(platform, 'executor');
  bootstrap = await connectNats(platform, 'bootstrap');
  bus = new Bus(connection);
}, 60_000);

afterAll(async () => {
  await connection?.close();
  await bootstrap?.close();
  await hearing?.close();
  await publishing?.close();
  await platform?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (thought = 'think') => bus.call(ctx, prediction.step.analyze, step(thought), { timeoutMs: 500 });
const answers = (thought?: string) =>
  until(
    'it answers again',
    () =>
      ask(thought).then(
        () => true,
        () => false,
      ),
    15_000,
  );
const allHeard = (ids: string[]) => until('all are heard', () => heardOf(ids).length >= ids.length, 20_000);
const fresh = (count: number) => Array.from({ length: count }, uuidv7);

describe('a service that is down', () => {
  it('fails its callers at once, facts for it wait, and both go on when it is back', async () => {
    await hearing.close();
    await expect(ask()).rejects.toMatchObject({ code: 'service.unavailable', retryable: true });
    const ids = fresh(3);
    await publish(publishing, ctx, ids);
    hearing = await startService(hearer, platform);
    await answers();
    await allHeard(ids);
    expect(heardOf(ids).toSorted()).toEqual(ids.toSorted());
  });
});

describe('NATS is killed and started again on what it had stored', () => {
  it('questions end by their time-out; of the facts none is lost and none acts twice', async () => {
    const ids: string[] = [];
    const flow = async (rounds: number) => {
      for (let i = 0; i < rounds; i++) {
        ids.push(...fresh(2));
        await publish(publishing, ctx, ids.slice(-2));
      }
    };
    await flow(15);
    await platform.nats.stop('SIGKILL');
    await flow(5);
    await expect(ask()).rejects.toMatchObject({ code: 'service.timeout', retryable: true });
    const starting = platform.nats.start();
    await flow(10);
    await starting;
    await answers();
    await flow(5);
    await allHeard(ids);
    expect(heardOf(ids).toSorted()).toEqual(ids.toSorted());
  });

  it('with an empty store, and prepared again: what was not heard is sent again', async () => {
    await hearing.close();
    const ids = fresh(3);
    await publish(publishing, ctx, ids);
    const manager = await jetstreamManager(bootstrap);
    const unsent = () =>
      publishing.app
        .get(Database)
        .acrossTeams('a test looks', (tx) => tx.query(`SELECT FROM fact WHERE stream_seq IS NULL`));
    await until('they are on the stream', async () => (await unsent()).length === 0);
    await platform.nats.stop('SIGKILL');
    rmSync(join(platform.nats.storeDir, 'jetstream'), { recursive: true });
    await platform.nats.start();
    await until('the stream is there', () =>
      prepareStream(bootstrap).then(
        () => true,
        () => false,
      ),
    );
    hearing = await startService(hearer, platform);
    await allHeard(ids);
    expect(heardOf(ids).toSorted()).toEqual(ids.toSorted());
    expect((await manager.streams.info(FACTS_STREAM)).state.messages).toBeGreaterThanOrEqual(ids.length);
  });
});

describe('a stream that somebody deleted', () => {
  it('leaves no service ready until it is made again', async () => {
    const gateway = await connectNats(platform, 'gateway');
    const streamOf = async (service: 'executor' | 'prediction'): Promise<boolean | undefined> => {
      const { ready, checks } = await new Bus(gateway).call(ctx, serviceReady(service), {});
      expect(ready).toBe(checks.every(({ ok }) => ok));
      return checks.find(({ name }) => name === 'stream')?.ok;
    };
    expect([await streamOf('executor'), await streamOf('prediction')]).toEqual([true, true]);
    await (await jetstreamManager(bootstrap)).streams.delete(FACTS_STREAM);
    expect([await streamOf('executor'), await streamOf('prediction')]).toEqual([false, false]);
    await prepareStream(bootstrap);
    expect([await streamOf('executor'), await streamOf('prediction')]).toEqual([true, true]);
    await gateway.close();
  });
});

describe('PostgreSQL is killed and started again', () => {
  it('pools recover, and facts that came meanwhile act once', async () => {
    const before = fresh(2);
    await publish(publishing, ctx, before);
    await answers('ask the database');
    process.kill(postgres.pid, 'SIGQUIT');
    await postgres.exited;
    await expect(publish(publishing, ctx, fresh(1))).rejects.toThrow();
    await expect(ask('ask the database')).rejects.toMatchObject({ code: 'internal.error' });
    await expect(ask('think')).resolves.toBeDefined();
    await startDatabase(postgres.port);
    await answers('ask the database');
    const after = fresh(2);
    await until('it writes again', () =>
      publish(publishing, ctx, after).then(
        () => true,
        () => false,
      ),
    );
    await allHeard([...before, ...after]);
    expect(heardOf([...before, ...after])).toHaveLength(4);
  });
});
