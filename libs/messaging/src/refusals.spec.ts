import { afterAll, beforeEach, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Refusals } from './refusals.js';

let said: Record<string, unknown>[];
let now: number;
let refusals: Refusals;
const nothing = (): void => undefined;
beforeEach(() => {
  said = [];
  now = 1_000;
  Logger.overrideLogger({ log: nothing, warn: nothing, error: (line: Record<string, unknown>) => said.push(line) });
  refusals = new Refusals('executor', () => now);
});
afterAll(() => Logger.overrideLogger(['fatal']));
const publish = (subject: string): void => refusals.saw({ operation: 'publish', subject });

it('a subject that is refused again and again is told once a minute, and how often it was not', () => {
  for (let i = 0; i < 100; i++) publish('rpc.a');
  now += 59_999;
  publish('rpc.a');
  const told = {
    ...{ identity: 'executor', operation: 'publish', subject: 'rpc.a' },
    what: expect.stringContaining('the NATS server refused it'),
  };
  expect(said).toEqual([told]);
  now += 1;
  publish('rpc.a');
  expect(said[1]).toEqual({ ...told, more_before: 100 });
});

it('another subject, or the other direction, is told at once', () => {
  publish('rpc.a');
  publish('rpc.b');
  refusals.saw({ operation: 'subscription', subject: 'rpc.a' });
  expect(said.map(({ operation, subject }) => `${operation} ${subject}`)).toEqual([
    'publish rpc.a',
    'publish rpc.b',
    'subscription rpc.a',
  ]);
  expect(refusals.subscription).toBe('rpc.a');
});

it('subjects without end do not fill the log', () => {
  for (let i = 0; i < 1_000; i++) publish(`live.a.${i}`);
  expect(said).toHaveLength(20);
});
