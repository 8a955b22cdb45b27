import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '#testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import type { Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import { openGateway, type TestGateway } from './gateway.fixture.js';

const COUNT = 10_000;
const CAP = 500;
const ATTACKER = '127.0.0.66';
const P99_MS = 50;
/** How much slower than just before it may be where that is more: on a machine that others keep busy. */
const TIMES = 10;
/** Until a request that never ends is cut off: 10 s for its headers, looked at every 2 s. */
const SLOWEST_MS = 25_000;

let gateway: TestGateway;
let attacker: ChildProcess | undefined;
let said = '';
beforeAll(async () => {
  gateway = await openGateway({ MAX_CONNECTIONS_PER_CLIENT: String(CAP) });
});
afterAll(async () => {
  attacker?.kill('SIGKILL');
  await gateway.close();
});

/** One question on a connection of its own, in milliseconds. */
const health = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    get(`${gateway.url}/health`, { agent: false }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - began);
        else reject(new Error(`health: ${response.statusCode}`));
      });
    }).on('error', reject);
  });

const p99 = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
const last = (pattern: RegExp): number => Number([...said.matchAll(pattern)].at(-1)?.[1] ?? Number.NaN);

const askUntil = async (isOver: () => boolean): Promise<number[]> => {
  const times: number[] = [];
  while (!isOver() || times.length < 100) times.push(await health());
  return times;
};

it('10,000 connections of one client that never finish a request are held few, and cut off, while others are served', async () => {
  const server = (gateway.service.app as NestFastifyApplication).getHttpServer() as Server;
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
  const calm = p99(await askUntil(() => true));

  const args = [join(import.meta.dirname, 'connection-flood.mjs'), new URL(gateway.url).port, String(COUNT), ATTACKER];
  attacker = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  attacker.stdout!.on('data', (chunk) => (said += String(chunk)));
  let most = 0;
  const times = await askUntil(() => said.includes('opened') || attacker!.exitCode !== null);
  expect(said).toContain(`opened ${COUNT}`);
  await until('the attacker to be held few', async () => (most = await connections()) <= CAP + 5);
  expect(most).toBeGreaterThan(0);
  expect(p99(times)).toBeLessThan(Math.max(P99_MS, TIMES * calm));

  await until('every one to be cut off', () => last(/held (\d+)/g) === 0, SLOWEST_MS);
  expect(last(/cut (\d+)/g)).toBeGreaterThan(0);
  expect(await health()).toBeGreaterThan(0);
}, 90_000);
