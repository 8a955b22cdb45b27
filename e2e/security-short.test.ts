import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bombard, leaksIn, UNLIMITED } from './security/barrage.js';
import { SuiteProcess } from './suite-process.js';

const OTHER = '0190a000-0000-7000-8000-00000000dead';

let suite: SuiteProcess;
beforeAll(async () => {
  suite = await SuiteProcess.open(UNLIMITED);
}, 90_000);
afterAll(() => suite?.close(), 40_000);

describe('what counts as a leak', () => {
  const other = { canary: 'canary00ff', ids: new Set([OTHER]) };

  it.each<[string, string, string, string[]]>([
    ['an id', `{"id":"${OTHER}"}`, '', [OTHER]],
    ['a name', '{"name":"team canary00ff"}', '', ['canary00ff']],
    ['an id that was said', `{"detail":"no ${OTHER}"}`, `/api/executions/${OTHER}`, []],
    ['a name that was said', '{"detail":"no canary00ff"}', '?cursor=canary00ff', []],
    ['an id beside a name that was said', `{"id":"${OTHER}","name":"canary00ff"}`, 'canary00ff', [OTHER]],
    ['nothing', '{"items":[]}', '', []],
  ])('%s', (_name, text, said, leaks) => {
    expect(leaksIn(text, said, other)).toEqual(leaks);
  });
});

/** The short form of `npm run security`. */
it('two teams that aim at each other learn nothing of each other, on any route, by session or key', async () => {
  const tally = await bombard(suite, { requests: 2_400, seed: 20_261_120, say: () => undefined });
  expect({ leaks: tally.leaks, broken: tally.broken, alive: tally.alive }).toEqual({
    leaks: [],
    broken: [],
    alive: 12,
  });
  // It is no wonder that nothing leaks where nobody gets an answer.
  for (const route of [
    'GET /api/auth/me',
    'GET /api/autonomy/approvals',
    'GET /api/autonomy/approvals/{id}',
    'GET /api/autonomy/bypasses',
    'GET /api/executions',
    'GET /api/executions/{execution_id}',
    'GET /api/executions/{execution_id}/frames',
    'GET /api/executions/{execution_id}/steps',
    'GET /api/executions/{execution_id}/stream',
    'GET /api/keys',
    'GET /api/keys/{id}',
    'GET /api/playbooks/{name}',
    'GET /api/teams/{team_id}/members',
    'POST /api/execute',
    'POST /api/keys',
  ]) {
    expect([route, tally.answered.get(route) ?? 0]).not.toEqual([route, 0]);
  }
}, 120_000);
