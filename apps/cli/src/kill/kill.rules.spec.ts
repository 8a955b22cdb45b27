import { expect, it } from '@jest/globals';
import type { KillSwitch } from '#client';
import { engagedLines, scopeText, stateText } from './kill.rules.js';

const one = (changed: Partial<KillSwitch>): KillSwitch => ({
  id: 'k-1',
  scope: 'agent',
  team_id: 't-1',
  agent_id: 'tidy',
  tool: null,
  status: 'engaged',
  rehearsal: false,
  reason: 'of a test',
  admitted_share: 0,
  epoch: 2,
  requested_by: { kind: 'person', id: 'p', name: 'ada' },
  requested_at: '2026-11-20T10:00:00.000Z',
  confirmed_at: null,
  released_by: null,
  released_at: null,
  executors: { alive: 2, acknowledged: 1 },
  stopping: { executions: 3, approvals: 1 },
  ...changed,
});
const AT = '2026-11-20T10:00:01.000Z';

it.each([
  [{ scope: 'all' as const }, 'every team'],
  [{ scope: 'team' as const }, 'team t-1'],
  [{}, 'agent tidy'],
  [{ scope: 'tool' as const, tool: 'shell.run' }, 'tool shell.run'],
])('a switch of %j is for %s', (changed, text) => {
  expect(scopeText(one(changed))).toBe(text);
});

it.each<[Partial<KillSwitch>, string]>([
  [{}, 'stopping: 3 executions, 1 approvals left'],
  [{ confirmed_at: AT }, 'stopped'],
  [{ status: 'releasing', admitted_share: 0.1 }, 'released by stages, 10 % let in'],
  [{ status: 'released' }, 'released'],
  [{ rehearsal: true }, 'rehearsing'],
  [{ rehearsal: true, confirmed_at: AT, status: 'released' }, 'rehearsed: would stop 3 executions, 1 approvals'],
])('a switch that is %j: %s', (changed, text) => {
  expect(stateText(one(changed))).toBe(text);
});

it('says what came of a stop', () => {
  expect(engagedLines(one({}))).toEqual([
    'Kill switch k-1 for agent tidy. Nothing new of it begins.',
    '1 of 2 executors have acknowledged it; stopping: 3 executions, 1 approvals left.',
  ]);
  const warning = 'No run of an agent named “nosuch” has been seen in this team.';
  expect(engagedLines(one({ warning })).at(-1)).toBe(`Warning: ${warning}`);
  expect(engagedLines(one({ rehearsal: true, confirmed_at: AT, status: 'released' })).at(-1)).toMatch(
    /rehearsed: would stop 3 executions, 1 approvals\.$/,
  );
});
