import { describe, expect, it } from '@jest/globals';
import type { KillSwitch } from '#client/browser';
import {
  cannotRelease,
  inForce,
  leftText,
  paceMs,
  problemsOf,
  progressText,
  requestOf,
  standingOf,
  type StopDraft,
  targetText,
  toolChoices,
  unknownTarget,
} from './kill-switch.rules.js';

const AT = '2026-01-01T00:00:00Z';
const one = (changed: Partial<KillSwitch> = {}): KillSwitch => ({
  id: '1',
  scope: 'agent',
  team_id: 't',
  agent_id: 'tidy',
  tool: null,
  status: 'engaged',
  rehearsal: false,
  reason: 'It deletes.',
  admitted_share: 0,
  epoch: 1,
  requested_by: { kind: 'person', id: 'u', name: 'ada' },
  requested_at: AT,
  confirmed_at: null,
  released_by: null,
  released_at: null,
  executors: { alive: 1, acknowledged: 1 },
  stopping: { executions: 0, approvals: 0 },
  ...changed,
});
const draft = (changed: Partial<StopDraft>): StopDraft => ({
  scope: 'agent',
  agent_id: 'tidy',
  tool: '',
  reason: 'It deletes.',
  rehearsal: false,
  ...changed,
});

describe('a stop', () => {
  it.each([
    [{ scope: 'all', agent_id: null }, 'every team'],
    [{ scope: 'team', agent_id: null }, 'this team'],
    [{}, 'the agent tidy'],
    [{ scope: 'tool', agent_id: null, tool: 'shell.run' }, 'the tool shell.run'],
  ] as const)('%j is about %s', (changed, words) => expect(targetText(one(changed))).toBe(words));

  it.each([
    [{}, 'stopping'],
    [{ confirmed_at: AT }, 'stopped'],
    [{ status: 'releasing', confirmed_at: AT }, 'being released'],
    [{ status: 'released' }, 'released'],
    [{ rehearsal: true }, 'counting'],
    [{ rehearsal: true, status: 'released', confirmed_at: AT }, 'rehearsed'],
  ] as const)('%j is said to be %s', (changed, word) => expect(standingOf(one(changed)).word).toBe(word));

  it.each([
    [0, 0, null],
    [1, 0, '1 run'],
    [2, 1, '2 runs and 1 approval'],
    [0, 3, '3 approvals'],
  ])('of %i executions and %i approvals leaves %s', (executions, approvals, words) =>
    expect(leftText({ executions, approvals })).toBe(words),
  );

  it.each([
    [{ stopping: { executions: 2, approvals: 0 } }, '2 runs still stopping'],
    [{}, 'being confirmed'],
    [{ executors: { alive: 0, acknowledged: 0 } }, 'no executor answers, so nobody can confirm it'],
    [{ confirmed_at: AT }, null],
    [{ status: 'releasing', confirmed_at: AT, admitted_share: 0.1 }, '10 % of its runs are let in'],
  ] as const)('%j has come so far: %s', (changed, words) => expect(progressText(one(changed))).toBe(words));

  it('in force is told before a release, the most far-reaching first; a rehearsal is none', () => {
    const all = [
      one({ id: 'tool', scope: 'tool' }),
      one({ id: 'rehearsal', scope: 'all', rehearsal: true }),
      one({ id: 'over', scope: 'all', status: 'released' }),
      one({ id: 'team', scope: 'team' }),
      one({ id: 'releasing', scope: 'all', status: 'releasing' }),
    ];
    expect(inForce(all).map(({ id }) => id)).toEqual(['team', 'tool', 'releasing']);
  });

  it('is looked at by itself only while something moves that no hint tells', () => {
    const confirmed = one({ confirmed_at: AT });
    expect(paceMs([confirmed])).toBe(false);
    expect(paceMs([confirmed, one({ status: 'releasing', confirmed_at: AT })])).toBe(3_000);
    expect(paceMs([one({ status: 'releasing' }), one()])).toBe(1_000);
  });

  it('of every team is released by an installation admin alone', () => {
    expect(cannotRelease(one({ scope: 'all' }), ['admin'])).toMatch(/installation admin/);
    expect(cannotRelease(one({ scope: 'all' }), ['admin', 'installation_admin'])).toBeNull();
    expect(cannotRelease(one(), ['admin'])).toBeNull();
  });
});

describe('a stop that is asked for', () => {
  it.each([
    [{}, []],
    [{ agent_id: ' ' }, ['agent_id']],
    [{ scope: 'team', agent_id: '' }, []],
    [{ scope: 'tool', tool: '' }, ['tool']],
    [{ scope: 'tool', tool: 'Shell!' }, ['tool']],
    [{ scope: 'tool', tool: 'shell.run@v1' }, []],
    [{ reason: ' ' }, ['reason']],
  ] as const)('%j has problems at %j', (changed, fields) =>
    expect(Object.keys(problemsOf(draft(changed)))).toEqual(fields),
  );

  it('names what its scope needs and nothing of another scope', () => {
    const filled = { agent_id: ' tidy ', tool: ' shell.run ' };
    expect(requestOf(draft(filled))).toEqual({ scope: 'agent', agent_id: 'tidy', reason: 'It deletes.' });
    expect(requestOf(draft({ ...filled, scope: 'tool', rehearsal: true }))).toEqual({
      scope: 'tool',
      tool: 'shell.run',
      reason: 'It deletes.',
      rehearsal: true,
    });
    expect(requestOf(draft({ ...filled, scope: 'team' }))).toEqual({ scope: 'team', reason: 'It deletes.' });
  });

  it('offers each tool with all its versions and by version, once', () => {
    expect(toolChoices(['shell.run@v1', 'file.read@v1', 'shell.run@v1'])).toEqual([
      'file.read',
      'file.read@v1',
      'shell.run',
      'shell.run@v1',
    ]);
  });
});

describe('a target that nobody has seen', () => {
  const known = { agents: ['tidy'], tools: ['file.write', 'file.write@v1'] };

  it.each<[Partial<StopDraft>, RegExp | null]>([
    [{ agent_id: 'nosuch' }, /^None of the newest runs/],
    [{ agent_id: ' tidy ' }, null],
    [{ scope: 'tool', tool: 'file.wriet' }, /^None of the newest playbooks/],
    [{ scope: 'tool', tool: 'file.write@v2' }, /misspelt/],
    [{ scope: 'tool', tool: 'file.write' }, null],
    [{ scope: 'team', agent_id: 'nosuch' }, null],
  ])('%j: %s', (changed, says) => {
    const said = unknownTarget(draft(changed), known);
    if (says) expect(said).toMatch(says);
    else expect(said).toBeNull();
  });

  it('is not spoken of where nothing is known', () => {
    expect(unknownTarget(draft({ agent_id: 'nosuch' }), { agents: [], tools: [] })).toBeNull();
  });
});

it.each(['\u200b', ' \u2800', '\u3164'])('%j is no reason', (reason) => {
  expect(problemsOf(draft({ reason }))).toEqual({ reason: expect.stringMatching(/^Say why/) });
});
