import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor } from '#contracts';
import { uuidv7 } from '#kernel';
import { type RunningService, startService } from '#service';
import { openTestPlatform, type TestPlatform, until } from '#testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';
import { WebSocket } from 'ws';
import { gateway as definition } from '../src/definition.js';
import { answers, openGateway, urlOf, view } from './gateway.fixture.js';

let platform: TestPlatform;
const running: RunningService[] = [];
beforeAll(async () => {
  platform = await openTestPlatform([definition]);
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
});
afterAll(() => platform.close());

const start = async (settings: Record<string, string>): Promise<RunningService> => {
  const service = await startService(definition, platform, { PORT: '0', ...settings });
  running.push(service);
  return service;
};

describe('a gateway that cannot start says why', () => {
  it('when its port is taken', async () => {
    const port = new URL(urlOf(await start({}))).port;
    await expect(start({ PORT: port })).rejects.toMatchObject({
      code: 'gateway.port_taken',
      message: expect.stringContaining(`Port ${port}`),
    });
  });

  it.each([
    [{ PORT: '70000' }, 'PORT'],
    [{ CORS_ORIGINS: 'https://a.example/path' }, 'CORS_ORIGINS'],
    [{ TLS_CERT: '/nowhere.pem' }, 'TLS_KEY'],
    [{ TLS_CERT: '/nowhere.pem', TLS_KEY: '/nowhere.key' }, 'TLS_CERT'],
  ])('when a setting is wrong: %j', async (settings, named) => {
    await expect(start(settings as Record<string, string>)).rejects.toMatchObject({
      code: 'settings.invalid',
      message: expect.stringContaining(named),
    });
  });
});

describe('a gateway that runs', () => {
  it('cuts off who sends too slowly', async () => {
    const server = ((await start({})).app as NestFastifyApplication).getHttpServer() as Server;
    expect([server.headersTimeout, server.requestTimeout, server.timeout]).toEqual([10_000, 60_000, 310_000]);
  });

  it('lets a browser in from a listed origin and from no other', async () => {
    const url = urlOf(await start({ CORS_ORIGINS: 'https://console.example.org' }));
    const preflight = async (origin: string) =>
      (
        await fetch(`${url}/api/execute`, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST' },
        })
      ).headers.get('access-control-allow-origin');
    expect(await preflight('https://console.example.org')).toBe('https://console.example.org');
    expect(await preflight('https://evil.example.org')).toBeNull();
  });

  it('counts calls by the address a trusted proxy names, and by no other', async () => {
    const sent = async (settings: Record<string, string>): Promise<number[]> => {
      const url = urlOf(await start(settings));
      const login = async (from: number) =>
        (
          await fetch(`${url}/api/auth/login`, {
            method: 'POST',
            headers: { 'x-forwarded-for': `192.0.2.${from}`, 'content-type': 'application/json' },
            body: '{}',
          })
        ).status;
      return Promise.all(Array.from({ length: 31 }, (_, n) => login(n)));
    };
    expect((await sent({})).filter((status) => status === 429)).toHaveLength(1);
    expect((await sent({ TRUST_PROXY: '127.0.0.1' })).filter((status) => status === 429)).toHaveLength(0);
  });
});

describe('a gateway that stops', () => {
  it('says goodbye to sockets and answers who waits for a run', async () => {
    const gateway = await openGateway();
    const id = uuidv7();
    await answers(gateway.nats, executor.execution.submit, () => view(id));
    let reads = 0;
    await answers(
      gateway.nats,
      executor.journal.read,
      () => ((reads += 1), { items: [], last_seq: 0, completed: false }),
    );
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws/${id}`, {
      headers: { authorization: `Bearer ${gateway.token}` },
    });
    let closed = 0;
    socket.on('close', (code) => (closed = code));
    await until('the socket to open', () => socket.readyState === WebSocket.OPEN);
    const before = reads;
    const waiting = gateway.call('POST', '/api/execute', {
      token: gateway.token,
      body: { task_description: 'tidy', agent_type: 'playbook', wait: true },
    });
    await until('the request to wait', () => reads > before + 1);
    await gateway.close();
    expect(await waiting).toMatchObject({ status: 202, body: { id } });
    await until('the goodbye', () => closed === 1001);
  });
});
