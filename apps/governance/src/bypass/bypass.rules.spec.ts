import { describe, expect, it } from '@jest/globals';
import { bypassStatus, countsFor, isOfSubject, limitProblems, mayBeBypassed } from './bypass.rules.js';

const person = (id: string) => ({ kind: 'person' as const, id, name: `${id}@example.org` });
const suite = { kind: 'service' as const, id: 'suite', name: 'suite' };
const ada = person('ada');

it.each([
  ['ask', 2, true],
  ['ask', 3, false],
  ['allow', 1, false],
  ['allow', 2, false],
  ['deny', null, false],
  ['deny', 2, false],
] as const)('%s of tier %s may be bypassed: %s', (decision, tier_needed, expected) => {
  expect(mayBeBypassed({ decision, tier_needed })).toBe(expected);
});

describe('the word of whoever gave it', () => {
  const approver = { user_id: 'ada', role: 'approver' as const, active: true };
  it.each<[string, Parameters<typeof countsFor>, boolean]>([
    ['counts for others', [ada, { principal: suite, on_behalf_of: person('bob') }, [approver]], true],
    ['counts while nothing is known of them yet', [ada, { principal: suite, on_behalf_of: suite }, []], true],
    ['never for their own actions', [ada, { principal: ada, on_behalf_of: ada }, []], false],
    ['never for what is done for them', [ada, { principal: suite, on_behalf_of: ada }, []], false],
    [
      'by whatever name',
      [ada, { principal: suite, on_behalf_of: { ...ada, id: 'ADA@example.org', name: '' } }, []],
      false,
    ],
    [
      'not once they are disabled',
      [ada, { principal: suite, on_behalf_of: suite }, [{ ...approver, active: false }]],
      false,
    ],
    [
      'not once they lost the role',
      [ada, { principal: suite, on_behalf_of: suite }, [{ ...approver, role: 'operator' }]],
      false,
    ],
  ])('%s', (_name, given, expected) => {
    expect(countsFor(...given)).toBe(expected);
  });
});

it.each([
  [{ uses: 20, used: 0, expires_at: 10, is_revoked: false }, 'active'],
  [{ uses: 20, used: 19, expires_at: 6, is_revoked: false }, 'active'],
  [{ uses: 20, used: 20, expires_at: 10, is_revoked: false }, 'used_up'],
  [{ uses: 20, used: 1, expires_at: 5, is_revoked: false }, 'expired'],
  [{ uses: 20, used: 20, expires_at: 5, is_revoked: true }, 'revoked'],
] as const)('%j is %s', (state, expected) => {
  expect(bypassStatus(state, 5)).toBe(expected);
});

it('limits are those of the installation, each located', () => {
  const limits = { hours: 8, uses: 100 };
  expect(limitProblems({ minutes: 480, uses: 100 }, limits)).toEqual([]);
  expect(limitProblems({ minutes: 481, uses: 101 }, limits)).toEqual([
    { path: '/minutes', message: 'must be at most 480 in this installation' },
    { path: '/uses', message: 'must be at most 100 in this installation' },
  ]);
});

const agent = { kind: 'agent' as const, id: 'wr' };
const held = { agent_version: 'sha256:aa', held: true, requested_by: ada };
const unheld = { agent_version: 'external', held: false, requested_by: agent };
it.each<[string, Parameters<typeof isOfSubject>, boolean]>([
  ['the same playbook, held, whoever asks', [held, { agent_version: 'sha256:aa', held: true }, suite], true],
  ['another playbook', [held, { agent_version: 'sha256:bb', held: true }, ada], false],
  ['the same without a hold', [held, { agent_version: 'sha256:aa', held: false }, ada], false],
  ['the same agent elsewhere', [unheld, { agent_version: 'external', held: false }, agent], true],
  ['another principal elsewhere', [unheld, { agent_version: 'external', held: false }, suite], false],
  [
    'another kind of principal',
    [unheld, { agent_version: 'external', held: false }, { ...agent, kind: 'person' }],
    false,
  ],
  ['the same, but held', [unheld, { agent_version: 'external', held: true }, agent], false],
  [
    'what was never bound',
    [{ agent_version: null, held: null, requested_by: null }, { agent_version: 'external', held: false }, agent],
    false,
  ],
])('what an approver has seen, and %s', (_name, given, expected) => {
  expect(isOfSubject(...given)).toBe(expected);
});
