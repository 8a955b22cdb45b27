import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { openTestDatabase, type TestDatabase } from '#testing';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { gateway } from '../definition.js';
import { KeyUsage } from './key-usage.js';
import { KeyRepository } from './key.repository.js';

Logger.overrideLogger(false);

let test: TestDatabase;
let admin: pg.Client;
let repository: KeyRepository;
let team: string;
let user: string;

beforeAll(async () => {
  test = await openTestDatabase(gateway);
  admin = new pg.Client({ connectionString: test.adminUrl });
  await admin.connect();
  [team, user] = [uuidv7(), uuidv7()];
  await admin.query(`INSERT INTO gateway.team (id, name) VALUES ($1, 'metered')`, [team]);
  await admin.query(`INSERT INTO gateway.users (id, email, name, password_hash) VALUES ($1, 'a@b.example', 'a', 'x')`, [
    user,
  ]);
});
afterAll(async () => {
  await admin.end();
  await test.close();
});
beforeEach(() => {
  repository = new KeyRepository(test.database);
});

type Metered = Parameters<KeyUsage['take']>[0];

const newKey = async (usage_limit: number | null): Promise<Metered> => {
  const id = uuidv7();
  const key = { id, team, user, type: 'service' as const, name: 'ci', role: null, scopes: null, usage_limit, days: 1 };
  await test.database.inTeam({ team }, (tx) => repository.insert(tx, { ...key, secret_hash: Buffer.alloc(32) }));
  return { id, team, usage_limit };
};
const usesOf = async ({ id }: Metered): Promise<number> =>
  (await admin.query(`SELECT uses::integer AS uses FROM gateway.api_key WHERE id = $1`, [id])).rows[0].uses;
const takeTimes = async (usage: KeyUsage, key: Metered, times: number): Promise<number> => {
  let taken = 0;
  for (let n = 0; n < times; n += 1) if (await usage.take(key)) taken += 1;
  return taken;
};

describe('a key without a limit', () => {
  it('is counted without a write, and written down together with others', async () => {
    const keys = [await newKey(null), await newKey(null)];
    const usage = new KeyUsage(repository);
    for (const key of keys) expect(await takeTimes(usage, key, 40)).toBe(40);
    expect(await usesOf(keys[0]!)).toBe(0);
    await usage.write();
    expect(await Promise.all(keys.map(usesOf))).toEqual([40, 40]);
    await usage.write();
    expect(await usesOf(keys[0]!)).toBe(40);
  });

  it('is counted once, though writing failed at first and another team could be written', async () => {
    const key = await newKey(null);
    let broken = true;
    const count = repository.count.bind(repository);
    repository.count = async (...args) => {
      if (broken) throw new Error('the database is away');
      return count(...args);
    };
    const usage = new KeyUsage(repository);
    await takeTimes(usage, key, 3);
    await expect(usage.write()).rejects.toThrow('away');
    await takeTimes(usage, key, 2);
    broken = false;
    await usage.write();
    await usage.write();
    expect(await usesOf(key)).toBe(5);
  });
});

describe('a limited key', () => {
  it('is used exactly as often as it may be by any number of processes at once', async () => {
    const key = await newKey(500);
    const processes = Array.from({ length: 3 }, () => new KeyUsage(repository));
    let writes = 0;
    const lease = repository.lease.bind(repository);
    repository.lease = async (one) => {
      const leased = await lease(one);
      if (leased > 0) writes += 1;
      return leased;
    };
    const lanes = processes.flatMap((usage) => Array.from({ length: 4 }, () => takeTimes(usage, key, 60)));
    const taken = (await Promise.all(lanes)).reduce((sum, one) => sum + one, 0);
    expect(taken).toBe(500);
    expect(await usesOf(key)).toBe(500);
    expect(await processes[0]!.take(key)).toBe(false);
    expect(writes).toBeLessThan(200);
  });

  it('has a few uses written down before they are spent, and gets back what nobody asks for', async () => {
    const key = await newKey(1_000);
    const usage = new KeyUsage(repository);
    await usage.take(key);
    expect(await usesOf(key)).toBe(10);
    await usage.write();
    expect(await usesOf(key)).toBe(10);
    await usage.write();
    expect(await usesOf(key)).toBe(1);
  });

  it('loses what a killed process had in hand, and is never used beyond its limit for it', async () => {
    const key = await newKey(300);
    await new KeyUsage(repository).take(key); // and it is killed
    expect(await takeTimes(new KeyUsage(repository), key, 400)).toBe(290);
    expect(await usesOf(key)).toBe(300);
  });

  it('gets everything back from a process that stops', async () => {
    const key = await newKey(1_000);
    const usage = new KeyUsage(repository);
    usage.onApplicationBootstrap();
    await takeTimes(usage, key, 4);
    await usage.onApplicationShutdown();
    expect(await usesOf(key)).toBe(4);
  });
});

it('a key is found across teams by its id, and its row by its own team alone', async () => {
  const key = await newKey(7);
  const found = await repository.known(key.id);
  expect(found).toMatchObject({ key: { id: key.id, team, usage_limit: 7, revoked: false }, person: { id: user } });
  expect(await repository.known(uuidv7())).toBeNull();
  const elsewhere = { team: uuidv7() };
  const seen = await test.database.inTeam(elsewhere, (tx) => repository.list(tx, { user: null, limit: 10 }));
  expect(seen).toEqual([]);
  expect(await repository.lease({ id: key.id, ...elsewhere })).toBe(0);
  await test.database.inTeam(elsewhere, async (tx) => {
    expect(await repository.revoke(tx, { user: null, id: key.id })).toBe(false);
  });
});
