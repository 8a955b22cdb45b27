import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningService, startService } from '#service';
import { openTestPlatform, TestAuthority, type TestPlatform } from '#testing';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { gateway } from '../src/definition.js';
import { urlOf } from './gateway.fixture.js';

let platform: TestPlatform;
let service: RunningService;
let ours: TestAuthority;
let another: TestAuthority;
let port: string;

beforeAll(async () => {
  ours = new TestAuthority();
  another = new TestAuthority();
  platform = await openTestPlatform([gateway]);
  const { cert, key } = ours.certify('DNS:localhost');
  service = await startService(gateway, platform, { PORT: '0', TLS_CERT: cert, TLS_KEY: key });
  ({ port } = new URL(urlOf(service)));
});
afterAll(async () => {
  await service.close();
  await platform.close();
  for (const authority of [ours, another]) authority.remove();
});

const get = (host: string, ca?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ host, port, path: '/livez', ...(ca && { ca: readFileSync(ca) }) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    })
      .on('error', reject)
      .end();
  });

describe('a gateway with TLS_CERT and TLS_KEY', () => {
  it('is known by its certificate', async () => {
    expect(await get('localhost', ours.ca)).toBe(200);
  });

  it('is not taken for itself by whom its signer is unknown to, nor under another name', async () => {
    await expect(get('localhost')).rejects.toThrow(/certificate/);
    await expect(get('localhost', another.ca)).rejects.toThrow(/certificate/);
    await expect(get('127.0.0.1', ours.ca)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('says nothing without TLS', async () => {
    await expect(fetch(`http://localhost:${port}/livez`)).rejects.toThrow();
  });
});
