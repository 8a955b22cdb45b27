import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN, type Answer, openGateway, passwordOf, type TestGateway } from './gateway.fixture.js';

const EMAIL = 'guessed@example.org';
let gateway: TestGateway;
let addresses = 0;

beforeAll(async () => {
  gateway = await openGateway({ TRUST_PROXY: '127.0.0.1' });
  await gateway.person(EMAIL, 'viewer');
});
afterAll(() => gateway.close());

const fresh = (): string => `198.51.${(addresses += 1) >> 8}.${addresses & 0xff}`;
const login = (email: string, password: string, from: string): Promise<Answer> =>
  gateway.call('POST', '/api/auth/login', { body: { email, password }, headers: { 'x-forwarded-for': from } });
const statuses = (answers: Answer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

describe('guessing passwords', () => {
  it('of many people from one address ends at thirty a minute, over all addresses of one IPv6 network', async () => {
    const one = fresh();
    const guesses = await Promise.all(Array.from({ length: 40 }, (_, n) => login(`p${n}@example.org`, 'guess', one)));
    expect(statuses(guesses)).toEqual({ 401: 30, 429: 10 });
    const network = await Promise.all(
      Array.from({ length: 40 }, (_, n) => login(`p${n}@example.org`, 'guess', `2001:db8:1:1::${n.toString(16)}`)),
    );
    expect(statuses(network)).toEqual({ 401: 30, 429: 10 });
  });

  it('of one person from many addresses ends at a hundred, the right one among them, and says when to come back', async () => {
    const guess = (password: string) => login(EMAIL, password, fresh());
    const found = await Promise.all(Array.from({ length: 110 }, (_, n) => guess(`guess ${n}`)));
    expect(statuses(found)).toEqual({ 401: 100, 429: 10 });
    const right = await guess(passwordOf(EMAIL));
    expect([right.status, right.body.code]).toEqual([429, 'request.too_many']);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(600);
    expect((await login(ADMIN.email, ADMIN.password, fresh())).status).toBe(200);
  }, 60_000);

  it('begins anew for somebody who knows the password', async () => {
    for (let round = 0; round < 3; round += 1) {
      const wrong = await Promise.all(Array.from({ length: 45 }, () => login(ADMIN.email, 'guess', fresh())));
      expect(statuses(wrong)).toEqual({ 401: 45 });
      expect((await login(ADMIN.email, ADMIN.password, fresh())).status).toBe(200);
    }
  }, 60_000);
});

const ROUNDS = 40;
/** Of the work for one guess: an answer for nobody that came without it would be nearly all of it faster. */
const TOLERANCE = 0.3;

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

it('an answer for nobody takes as long as one for somebody', async () => {
  const timed = async (email: string): Promise<number> => {
    const began = performance.now();
    const { status } = await login(email, 'a wrong guess', fresh());
    expect(status).toBe(401);
    return performance.now() - began;
  };
  const [known, unknown]: [number[], number[]] = [[], []];
  await timed('warm.up@example.org');
  // Taken in turns, so that whatever else the machine does hits both alike.
  for (let n = 0; n < ROUNDS; n += 1) {
    known.push(await timed(ADMIN.email));
    unknown.push(await timed(`nobody.${n}@example.org`));
  }
  const apart = Math.abs(median(known) - median(unknown)) / median(known);
  expect(apart).toBeLessThan(TOLERANCE);
}, 60_000);
