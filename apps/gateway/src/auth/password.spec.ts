import { describe, expect, it } from '@jest/globals';
import { hashPassword, verifyPassword } from './password.js';

const ROUNDS = 9;

/** The shortest time of each, taken in turns: what else the machine does only adds to a time. */
const timesOf = async (...works: (() => Promise<unknown>)[]): Promise<number[]> => {
  const shortest = works.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [n, work] of works.entries()) {
      const start = performance.now();
      await work();
      shortest[n] = Math.min(shortest[n]!, performance.now() - start);
    }
  }
  return shortest;
};

describe('a password', () => {
  it('is kept as Argon2id with a salt of its own', async () => {
    const [one, two] = await Promise.all([hashPassword('same'), hashPassword('same')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
  });

  it.each([
    ['the same', 'pässword', true],
    ['the same, composed otherwise', 'pa\u0308ssword', true],
    ['another', 'password', false],
    ['empty', '', false],
  ])('%s', async (_name, given, right) => {
    expect(await verifyPassword(given, await hashPassword('p\u00e4ssword'))).toBe(right);
  });

  it('of nobody is wrong, and takes as long to be', async () => {
    expect(await verifyPassword('x', null)).toBe(false);
    const stored = await hashPassword('right');
    const [wrong, nobody] = (await timesOf(
      () => verifyPassword('x', stored),
      () => verifyPassword('x', null),
    )) as [number, number];
    expect(nobody).toBeGreaterThan(wrong / 2);
    expect(nobody).toBeLessThan(wrong * 2);
  });

  it('stored in a way nobody knows is a fault, not a wrong password', async () => {
    await expect(verifyPassword('x', '$2b$10$abc')).rejects.toThrow('Argon2id');
  });
});
