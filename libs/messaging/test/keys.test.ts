import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor, governance, inboxPrefixOf, NATS_IDENTITIES, type NatsIdentity, prediction } from '#contracts';
import { startNats } from '#embedded';
import { assertSubscribed, Bus, connectNats, natsAccountsOf } from '#messaging';
import { callContext, until } from '#testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newSeed, nkeyOf } from '../src/nkey.js';
import { natsKeyOf } from '../src/nats-keys.js';
import { Wire } from './wire.fixture.js';

let wire: Wire;
const open: NatsConnection[] = [];
const folders: string[] = [];
beforeAll(async () => {
  wire = await Wire.open();
});
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
afterAll(() => wire.close());

const kept = async (connecting: Promise<NatsConnection>): Promise<NatsConnection> => {
  const connection = await connecting;
  open.push(connection);
  return connection;
};
/** Another data folder, with these keys of the installation. */
const folderWith = (...keys: NatsIdentity[]): string => {
  const home = mkdtempSync(join(tmpdir(), 'spectrace-keys-'));
  folders.push(home);
  mkdirSync(join(home, 'nats-keys'));
  for (const key of keys) {
    copyFileSync(join(wire.place.home, 'nats-keys', `${key}.nk`), join(home, 'nats-keys', `${key}.nk`));
  }
  return home;
};
const dial = (options: object) =>
  kept(connect({ servers: new URL(wire.place.natsUrl).host, reconnect: false, ...options }));
const refused = (connecting: Promise<unknown>) => expect(connecting).rejects.toThrow(/authorization violation/i);

describe('the keys of an installation', () => {
  it("are made once, one an identity, and are their owner's alone", () => {
    const home = folderWith();
    const first = natsAccountsOf(home);
    expect(natsAccountsOf(home)).toEqual(first);
    const folder = join(home, 'nats-keys');
    expect(readdirSync(folder).sort()).toEqual(NATS_IDENTITIES.map((identity) => `${identity}.nk`).sort());
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(first).match(/"SU/g)).toBeNull();
    expect(new Set(JSON.stringify(first).match(/"U[A-Z2-7]{55}"/g)).size).toBe(NATS_IDENTITIES.length);
  });

  it('are enough one by one: a process is given its own', async () => {
    const connection = await kept(connectNats({ ...wire.place, home: folderWith('executor') }, 'executor'));
    await expect(assertSubscribed(connection)).resolves.toBeUndefined();
  });

  it('that are missing are named', async () => {
    const connecting = connectNats({ ...wire.place, home: folderWith('gateway') }, 'executor');
    await expect(connecting).rejects.toMatchObject({
      code: 'nats.key_missing',
      message: expect.stringContaining('executor.nk'),
    });
  });
});

describe('the command nats-permissions', () => {
  const run = promisify(execFile);
  const print = (home: string) =>
    run(process.execPath, ['scripts/nats-permissions.mjs'], { env: { PATH: process.env.PATH, SPECTRACE_HOME: home } });

  it('prints for another server what the embedded one starts with, and that server takes it', async () => {
    const home = folderWith();
    const { stdout } = await print(home);
    expect(await print(home)).toMatchObject({ stdout });
    expect(stdout.startsWith('accounts: ')).toBe(true);
    expect({ accounts: JSON.parse(stdout.slice('accounts: '.length)) }).toEqual(natsAccountsOf(home));
    writeFileSync(join(home, 'spectrace.conf'), stdout);
    writeFileSync(join(home, 'nats.conf'), `jetstream { store_dir: ${home} }\ninclude spectrace.conf\n`);
    const env = { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/bin` };
    const { stderr } = await run('nats-server', ['-t', '-c', join(home, 'nats.conf')], { env });
    expect(stderr).toContain('is valid');
  });
});

describe('the server lets nobody in', () => {
  it('without a key', () => refused(dial({})));
  it('with a user and a password', () => refused(dial({ user: 'spectrace', pass: 'spectrace' })));
  it('with a key it does not know', () => refused(dial({ authenticator: nkeyOf(newSeed()).authenticator })));

  it('with the name of one key and the signature of another', async () => {
    const { publicKey } = natsKeyOf(wire.place.home, 'executor');
    const thief = nkeyOf(newSeed()).authenticator;
    await refused(dial({ authenticator: (nonce?: string) => ({ ...thief(nonce), nkey: publicKey }) }));
  });

  it('and whoever starts a service with such a key reads what to do', async () => {
    const home = folderWith();
    writeFileSync(join(home, 'nats-keys', 'executor.nk'), newSeed());
    await expect(connectNats({ ...wire.place, home }, 'executor')).rejects.toMatchObject({
      code: 'nats.refused',
      message: expect.stringMatching(/does not let executor in: .*npm run -s nats-permissions/),
    });
  });
});

describe("a key with another's inbox", () => {
  const mixed = () =>
    dial({
      authenticator: natsKeyOf(wire.place.home, 'executor').authenticator,
      inboxPrefix: inboxPrefixOf('gateway'),
    });

  it('gets no answer', async () => {
    const asking = (await mixed()).request('rpc.prediction.service.ready.v1', '{}', { timeout: 5_000 });
    await expect(asking).rejects.toThrow(/permissions violation for subscription to "_INBOX_gateway\./i);
  });
});

describe('what the server refuses', () => {
  it('is told at once to who asks, and is not worth another try', async () => {
    const began = performance.now();
    const asking = new Bus(wire.as('prediction')).call(callContext(), executor.execution.list, {});
    await expect(asking).rejects.toMatchObject({ code: 'service.unavailable', retryable: false });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('is logged with its subject, once a minute', async () => {
    const said: object[] = [];
    const nothing = (): void => undefined;
    Logger.overrideLogger({ log: nothing, warn: nothing, error: (line: object) => said.push(line) });
    const governing = await kept(connectNats(wire.place, 'governance'));
    const bus = new Bus(governing);
    const ask = () => bus.call(callContext(), prediction.step.analyze, {} as never).catch(nothing);
    for (let i = 0; i < 20; i++) await ask();
    Logger.overrideLogger(['fatal']);
    expect(said).toMatchObject([
      { identity: 'governance', operation: 'publish', subject: 'rpc.prediction.step.analyze.v1' },
    ]);
  });

  it('keeps a service from starting that would wait for it', async () => {
    const connection = await kept(connectNats(wire.place, 'prediction'));
    connection.subscribe('rpc.executor.execution.get.v1', { callback: () => undefined });
    await expect(assertSubscribed(connection)).rejects.toMatchObject({
      code: 'nats.forbidden',
      message: expect.stringContaining('rpc.executor.execution.get.v1'),
    });
  });

  it('is refused again after the server came back', async () => {
    const home = folderWith(...NATS_IDENTITIES);
    const access = natsAccountsOf(home);
    const storeDir = join(home, 'nats');
    let server = await startNats({ storeDir, access });
    const connection = await kept(connectNats({ natsUrl: server.url, home }, 'prediction'));
    await server.stop();
    server = await startNats({ storeDir, access, port: server.port });
    await until('the connection is back', () =>
      connection.rtt().then(
        () => true,
        () => false,
      ),
    );
    const asking = new Bus(connection).call(callContext(), executor.execution.list, {});
    await expect(asking).rejects.toMatchObject({ code: 'service.unavailable', retryable: false });
    await server.stop();
  });
});

describe('who may name the subject of an answer', () => {
  const crafted = JSON.stringify({ crafted: true });
  /** The executor's own fact, which JetStream now holds. */
  const store = () => wire.as('executor').request('fact.executor.execution.finished.v1', crafted);
  const readOutTo = async (reply: string): Promise<void> => {
    const subject = 'FACTS_API.DIRECT.GET.FACTS.fact.executor.execution.finished.v1';
    wire.as('executor').publish(subject, '', { reply });
    await wire.as('executor').flush();
  };
  const state = async () => {
    const { created, state } = await wire.manager.streams.info('FACTS');
    return { created, messages: state.messages };
  };

  it.each(['$JS.API', 'FACTS_API'])(
    'does not have the acknowledgement of a fact, or an answer, purge or delete the stream by %s',
    async (api) => {
      const answering = wire.as('prediction').subscribe('rpc.prediction.service.ready.v1', {
        callback: (_error, message) => void message.respond('{}'),
      });
      await wire.as('prediction').flush();
      await store();
      const { created, messages } = await state();
      for (const verb of ['PURGE', 'DELETE']) {
        for (const subject of ['fact.executor.execution.finished.v1', 'rpc.prediction.service.ready.v1']) {
          wire.as('executor').publish(subject, crafted, { reply: `${api}.STREAM.${verb}.FACTS` });
        }
      }
      await wire.as('executor').flush();
      await store();
      answering.unsubscribe();
      expect(await state()).toEqual({ created, messages: messages + 3 });
    },
  );

  it('does not have a stored message pass for a live view', async () => {
    await store();
    const [seen, raw]: [object[], string[]] = [[], []];
    const subject = `live.${executor.journaled.subject}.t.e`;
    const watching = wire.as('gateway');
    const stop = new Bus(watching, 'gateway').watch(executor.journaled, ['*', '*'], (frame) => seen.push(frame));
    const subscription = watching.subscribe(subject, {
      callback: (_error, message) => void raw.push(message.string()),
    });
    await watching.flush();
    await readOutTo(subject);
    new Bus(wire.as('executor')).show(executor.journaled, ['t', 'e'], { marker: 1 } as never);
    await wire.as('executor').flush();
    await watching.flush();
    expect(raw).toEqual([crafted, '{"marker":1}']);
    expect(seen).toEqual([{ marker: 1 }]);
    stop();
    subscription.unsubscribe();
  });

  it("leaves a mark on what it has stored as another's fact", async () => {
    await store();
    const subject = `fact.${governance.approvalDecided.subject}`;
    await readOutTo(subject);
    const stored = await wire.manager.streams.getMessage('FACTS', { last_by_subj: subject });
    expect(stored?.string()).toBe(crafted);
    expect(stored?.header.get('Nats-Stream')).toBe('FACTS');
  });
});
