import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { governance } from '#contracts';
import { until } from '#testing';
import { join } from 'node:path';
import { type House, openHouse, stopAgents } from './kill-switch/trials.js';
import { makeWorkspace } from './workspace.js';

/** Target of the whole: the 99th percentile; the bench has it over 1,000 trials. */
const LATEST_MS = 500;

let house: House;
beforeAll(async () => {
  house = await openHouse(2);
}, 120_000);
afterAll(() => house?.processes.close(), 60_000);

/** The short form of `bench/kill.mjs`. */
it('on two executors nothing of a stopped agent begins half a second after the answer, and all its runs end', async () => {
  const trials = await stopAgents(house, { trials: 20, lanes: 2, seed: 20_261_120 });
  expect(trials).toHaveLength(20);
  for (const { last_effect_ms, statuses, effects } of trials) {
    expect(last_effect_ms).toBeLessThan(LATEST_MS);
    expect(effects).toBeGreaterThan(1);
    expect(statuses).toEqual(['cancelled', 'cancelled']);
  }
  expect(trials.some(({ working }) => working === 2)).toBe(true);
}, 180_000);

it('a stop survives kill -9 of whoever answered and of whoever carries it out, and is confirmed', async () => {
  const { processes } = house;
  const { admin } = processes;
  const ids = await Promise.all(
    [1, 2, 3].map((n) => admin.submit('stamps', makeWorkspace(join(processes.workspaces, `survives-${n}`), {}))),
  );
  await until('the runs to work', async () =>
    (await Promise.all(ids.map((id) => admin.execution(id)))).every(({ status }) => status === 'running'),
  );
  const input = { scope: 'all', reason: 'Everything stops.' };
  const { status, body } = await admin.post('/api/autonomy/kill-switch', input);
  expect(status).toBe(201);
  await Promise.all([processes.kill('governance-1'), processes.kill('executor-1')]);
  for (const id of ids) expect((await admin.ended(id)).status).toBe('cancelled');
  const confirmed = await until(
    'the stop to be confirmed',
    async () => {
      const page = (await admin.get('/api/autonomy/kill-switch')).body as governance.KillSwitchPage;
      return page.items?.find(({ id, confirmed_at }) => id === body.id && confirmed_at !== null);
    },
    30_000,
  );
  expect(confirmed).toMatchObject({ stopping: { executions: 0, approvals: 0 }, status: 'engaged' });
  const refused = await admin.submit('stamps', makeWorkspace(join(processes.workspaces, 'refused'), {}));
  const end = await admin.ended(refused);
  expect([end.status, end.failure?.message]).toEqual(['denied', expect.stringContaining('Everything stops.')]);
}, 120_000);
