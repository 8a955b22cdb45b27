import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceReady } from '#contracts';
import { type EmbeddedNats, startNats } from '#embedded';
import { Bus, natsAccountsOf, prepareStream } from '#messaging';
import { connectNats } from '#service';
import { callContext, TestAuthority } from '#testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const home = mkdtempSync(join(tmpdir(), 'spectrace-tls-'));
const open: NatsConnection[] = [];
let ours: TestAuthority;
let another: TestAuthority;
const servers: EmbeddedNats[] = [];
/** Ports: of servers with a certificate for these names, and of one without any. */
let port: { localhost: number; address: number; elsewhere: number; plain: number };

const start = async (...names: string[]): Promise<number> => {
  const { cert, key } = names.length > 0 ? ours.certify(...names) : {};
  const tls = cert && { tls: { cert_file: cert, key_file: key } };
  const access = { ...natsAccountsOf(home), ...tls };
  const server = await startNats({ storeDir: join(home, `nats-${servers.length}`), access });
  servers.push(server);
  return server.port;
};

beforeAll(async () => {
  ours = new TestAuthority();
  another = new TestAuthority();
  port = {
    localhost: await start('DNS:localhost'),
    address: await start('IP:127.0.0.1'),
    elsewhere: await start('DNS:nats.example.org', 'IP:192.0.2.1'),
    plain: await start(),
  };
});
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  for (const authority of [ours, another]) authority.remove();
  rmSync(home, { recursive: true, force: true });
});

const dial = async (natsUrl: string, natsCa?: string, identity: 'gateway' | 'governance' | 'bootstrap' = 'gateway') => {
  const connection = await connectNats({ natsUrl, natsCa, home }, identity);
  open.push(connection);
  return connection;
};

describe('a NATS server with a certificate that NATS_CA vouches for', () => {
  it.each([
    ['tls://localhost', 'localhost'],
    ['nats://localhost', 'localhost'],
    ['tls://127.0.0.1', 'address'],
  ] as const)('is spoken to by %s', async (url, which) => {
    const natsUrl = `${url}:${port[which]}`;
    const [gateway, governance] = [await dial(natsUrl, ours.ca), await dial(natsUrl, ours.ca, 'governance')];
    expect(gateway.info).toMatchObject({ tls_required: true });
    await prepareStream(await dial(natsUrl, ours.ca, 'bootstrap'));
    governance.subscribe('rpc.governance.service.ready.v1', {
      callback: (_error, message) => void message.respond('{"response":{"ready":true,"checks":[]}}'),
    });
    await governance.flush();
    const answer = await new Bus(gateway, 'gateway').call(callContext(), serviceReady('governance'), {});
    expect(answer).toEqual({ ready: true, checks: [] });
  });
});

describe('no word is said to a NATS server', () => {
  const refused = (natsUrl: string, natsCa?: string) =>
    expect(connectNats({ natsUrl, natsCa, home }, 'gateway')).rejects.toMatchObject({
      code: 'nats.untrusted',
      message: expect.stringContaining('NATS_CA'),
    });

  it('that the system does not know, without NATS_CA', async () => {
    await refused(`tls://localhost:${port.localhost}`);
    await refused(`nats://localhost:${port.localhost}`);
  });
  it('that somebody else signed for', () => refused(`tls://localhost:${port.localhost}`, another.ca));
  it('that is another host', async () => {
    await refused(`tls://localhost:${port.elsewhere}`, ours.ca);
    await refused(`tls://127.0.0.1:${port.elsewhere}`, ours.ca);
  });
  it('that is reached by a name or an address its certificate does not say', async () => {
    await refused(`tls://127.0.0.1:${port.localhost}`, ours.ca);
    await refused(`tls://localhost:${port.address}`, ours.ca);
  });
  it('that offers no TLS, when it was asked for', async () => {
    await refused(`tls://127.0.0.1:${port.plain}`);
    await refused(`nats://127.0.0.1:${port.plain}`, ours.ca);
  });
  it('before NATS_CA can be read', () =>
    expect(connectNats({ natsUrl: 'tls://localhost', natsCa: '/nowhere.pem', home }, 'gateway')).rejects.toMatchObject({
      code: 'settings.invalid',
      message: expect.stringContaining('NATS_CA: /nowhere.pem'),
    }));
});
