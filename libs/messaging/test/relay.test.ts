import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { FACTS_STREAM, prepareStream } from '#messaging';
import type { Database } from '#persistence';
import { connectNats } from '#service';
import { until } from '#testing';
import { DiscardPolicy, jetstream } from '@nats-io/jetstream';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { register } from 'prom-client';
import { Publisher } from './relay.fixture.js';

let publisher: Publisher;
beforeEach(async () => {
  publisher = await Publisher.open();
});
afterEach(() => publisher.close());

/** The database as a relay sees it whose steps a test can watch, hold up or break, by the reason they give. */
const watched = (before: (reason: string) => Promise<void> | void): Database => {
  const { database } = publisher;
  return Object.assign(Object.create(database) as Database, {
    acrossTeams: async (reason: string, work: never) => {
      await before(reason);
      return database.acrossTeams(reason, work);
    },
  });
};
const leaseIsOver = () => publisher.asAllTeams(`UPDATE relay SET lease_until = '-infinity'`);
const recreateStream = async () => {
  await publisher.manager.streams.delete(FACTS_STREAM);
  await prepareStream(publisher.bootstrap);
};

describe('facts that are written', () => {
  it('go out once, in the order they were written in', async () => {
    const relay = publisher.relay();
    const ids = await publisher.write(...Array.from({ length: 300 }, uuidv7));
    await relay.sweep();
    await relay.sweep();
    expect(await publisher.onStream()).toEqual(ids);
    expect(await publisher.unsent()).toEqual([]);
  });

  it('at the last moment go out when the service stops', async () => {
    const relay = publisher.relay();
    publisher.signal.wake = () => undefined;
    relay.start();
    await until('it leads', async () => (await publisher.asAllTeams<{ holder: string }[]>(`TABLE relay`))[0]!.holder);
    const ids = await publisher.write(uuidv7());
    await relay.stop();
    expect(await publisher.onStream()).toEqual(ids);
  });

  it('wait while there is no stream', async () => {
    const relay = publisher.relay();
    await publisher.manager.streams.delete(FACTS_STREAM);
    const ids = await publisher.write(uuidv7(), uuidv7());
    await expect(relay.sweep()).rejects.toThrow('stream not found');
    expect(await publisher.unsent()).toEqual(ids);
    await prepareStream(publisher.bootstrap);
    await relay.sweep();
    expect(await publisher.onStream()).toEqual(ids);
  });

  it('wait while the stream is full, and those it took are not sent again', async () => {
    const relay = publisher.relay();
    await publisher.manager.streams.update(FACTS_STREAM, { discard: DiscardPolicy.New, max_msgs: 2 });
    const ids = await publisher.write(...Array.from({ length: 5 }, uuidv7));
    await expect(relay.sweep()).rejects.toThrow('maximum messages exceeded');
    expect(await publisher.unsent()).toHaveLength(3);
    await publisher.manager.streams.update(FACTS_STREAM, { max_msgs: -1 });
    await relay.sweep();
    expect((await publisher.onStream()).toSorted()).toEqual(ids.toSorted());
  });

  it('have an age that metrics tell while they wait', async () => {
    const relay = publisher.relay();
    const age = async () =>
      (await register.getSingleMetric('spectrace_facts_oldest_unsent_seconds')!.get()).values.find(
        ({ labels }) => labels.service === 'governance',
      )?.value;
    await publisher.manager.streams.delete(FACTS_STREAM);
    await publisher.write(uuidv7());
    await publisher.asAllTeams(`UPDATE fact SET at = now() - interval '90 seconds'`);
    await expect(relay.sweep()).rejects.toThrow('stream not found');
    expect(await age()).toBeGreaterThan(89);
    await prepareStream(publisher.bootstrap);
    await relay.sweep();
    await relay.sweep();
    expect(await age()).toBe(0);
  });
});

describe('the stream lost facts', () => {
  it('dropped and made again: they go out again', async () => {
    const relay = publisher.relay();
    const ids = await publisher.write(uuidv7(), uuidv7());
    await relay.sweep();
    await recreateStream();
    await relay.sweep();
    expect(await publisher.onStream()).toEqual(ids);
  });

  it('purged: they go out again, although the server still takes their message ids for duplicates', async () => {
    const relay = publisher.relay();
    const ids = await publisher.write(uuidv7(), uuidv7());
    await relay.sweep();
    await publisher.manager.streams.purge(FACTS_STREAM);
    const more = await publisher.write(uuidv7());
    await relay.sweep();
    expect(await publisher.onStream()).toEqual([...ids, ...more]);
  });

  it('purged of facts that were due to go: nothing goes out again', async () => {
    const relay = publisher.relay();
    await publisher.write(uuidv7());
    await relay.sweep();
    await publisher.asAllTeams(`UPDATE fact SET sent_at = now() - interval '8 days'`);
    await publisher.manager.streams.purge(FACTS_STREAM);
    await relay.sweep();
    expect(await publisher.onStream()).toEqual([]);
  });

  it('moved back to an older copy, and filled up by others since: what the copy lacks goes out again', async () => {
    const relay = publisher.relay();
    const { nats } = publisher.platform;
    const copy = join(publisher.platform.home, 'copy');
    const kept = await publisher.write(uuidv7(), uuidv7());
    await relay.sweep();
    await nats.stop('SIGTERM');
    cpSync(join(nats.storeDir, 'jetstream'), copy, { recursive: true });
    await nats.start();
    const lost = await publisher.write(uuidv7(), uuidv7());
    await until('the server is back', () =>
      relay.sweep().then(
        () => true,
        () => false,
      ),
    );
    expect(await publisher.onStream()).toEqual([...kept, ...lost]);

    await nats.stop('SIGTERM');
    rmSync(join(nats.storeDir, 'jetstream'), { recursive: true });
    cpSync(copy, join(nats.storeDir, 'jetstream'), { recursive: true });
    await nats.start();
    const other = await connectNats(publisher.platform, 'executor');
    const others = jetstream(other);
    const back = () => others.publish('fact.executor.execution.finished.v1', '{}', { timeout: 500 });
    await until('the server is back', () =>
      back().then(
        () => true,
        () => false,
      ),
    );
    for (let i = 0; i < 5; i++) await back();
    await until('the others are back', () =>
      Promise.all([publisher.connection.rtt(), publisher.bootstrap.rtt()]).then(
        () => true,
        () => false,
      ),
    );
    await other.close();
    expect(await publisher.onStream()).toEqual(kept);
    await relay.sweep();
    expect(await publisher.onStream()).toEqual([...kept, ...lost]);
  });
});

describe('a relay that died between publishing and remembering', () => {
  const die = async (): Promise<string[]> => {
    const ids = await publisher.write(uuidv7(), uuidv7());
    const mortal = publisher.relay(
      watched((reason) => {
        if (reason === 'facts on the stream') throw new Error('killed');
      }),
    );
    await expect(mortal.sweep()).rejects.toThrow('killed');
    await leaseIsOver();
    return ids;
  };

  it('its successor sends again, and the stream drops the duplicates', async () => {
    const ids = await die();
    await publisher.relay().sweep();
    expect(await publisher.unsent()).toEqual([]);
    expect(await publisher.onStream()).toEqual(ids);
  });

  it('long ago: its successor sends again, and the duplicates are for the inbox', async () => {
    await publisher.manager.streams.update(FACTS_STREAM, { duplicate_window: 100_000_000 });
    const ids = await die();
    const window = performance.now() + 250;
    await until('the window is over', () => performance.now() > window);
    await publisher.relay().sweep();
    expect(await publisher.unsent()).toEqual([]);
    expect(await publisher.onStream()).toEqual([...ids, ...ids]);
  });
});

describe('two relays of one service', () => {
  it('one sends, the other takes over when its lease is over', async () => {
    const [leading, standing] = [publisher.relay(), publisher.relay()];
    await leading.sweep();
    const ids = await publisher.write(uuidv7());
    await standing.sweep();
    expect(await publisher.onStream()).toEqual([]);
    await leaseIsOver();
    await standing.sweep();
    expect(await publisher.onStream()).toEqual(ids);
  });

  it('a leader that stops hands over at once', async () => {
    const [leading, standing] = [publisher.relay(), publisher.relay()];
    await leading.sweep();
    await leading.stop();
    const ids = await publisher.write(uuidv7());
    await standing.sweep();
    expect(await publisher.onStream()).toEqual(ids);
  });

  it('a paused leader that returns does not take facts for sent that its successor is about to send again', async () => {
    let goOn = (): void => undefined;
    const paused = new Promise<void>((resolve) => (goOn = resolve));
    let published = (): void => undefined;
    const hasPublished = new Promise<void>((resolve) => (published = resolve));
    const first = publisher.relay(
      watched(async (reason) => {
        if (reason !== 'facts on the stream') return;
        published();
        await paused;
      }),
    );
    await publisher.relay().sweep();
    await leaseIsOver();
    const ids = await publisher.write(uuidv7());
    const returning = first.sweep();
    await hasPublished;
    await recreateStream();
    await leaseIsOver();
    const second = publisher.relay(
      watched(async (reason) => {
        if (reason !== 'facts not yet on the stream') return;
        goOn();
        await returning;
      }),
    );
    await second.sweep();
    expect(await publisher.onStream()).toEqual(ids);
  });

  it('both alive under load lose nothing', async () => {
    const relays = [publisher.relay(), publisher.relay()];
    for (const relay of relays) relay.start();
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) {
      ids.push(...(await publisher.write(uuidv7(), uuidv7())));
      if (i % 10 === 5) await leaseIsOver();
    }
    await until('all are out', async () => (await publisher.unsent()).length === 0);
    expect(new Set(await publisher.onStream())).toEqual(new Set(ids));
    expect(publisher.errors).toEqual([]);
  });
});
