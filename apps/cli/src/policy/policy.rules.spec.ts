import { describe, expect, it } from '@jest/globals';
import type { Policy, PolicyOverview } from '#client';
import { checkLines, isBundleFile, newestFirst, shadowLines, standingText, statusText } from './policy.rules.js';

it.each([
  ['files.cedar', true],
  ['schema.cedarschema', true],
  ['path-classes.yaml', true],
  ['tests/files.yaml', true],
  ['README.md', false],
  ['tests/deep/files.yaml', false],
  ['other.yaml', false],
])('%s belongs to a bundle: %p', (name, belongs) => {
  expect(isBundleFile(name)).toBe(belongs);
});

describe('a validation', () => {
  const check = { policies: 12, tests_passed: 70, tests_failed: 0, digest: null, house_digest: '', at: '' };

  it('that went well is one line', () => {
    expect(checkLines({ ok: true, problems: [], ...check })).toEqual(['Valid: 12 policies, 70 tests passed.']);
  });

  it('that did not names every problem at its line', () => {
    const problems = [
      { path: 'a.cedar:3', message: 'unexpected token' },
      { path: '', message: 'no policy' },
    ];
    expect(checkLines({ ok: false, problems, ...check, tests_failed: 1 })).toEqual([
      'a.cedar:3: unexpected token',
      'no policy',
      'Not valid: 2 problems; 70 tests passed, 1 failed.',
    ]);
  });
});

describe('a replay', () => {
  const flip = {
    ...{ execution_id: '', step: 1, index: 0, at: '', reasons: [], from: 'allow', to: 'ask 2' },
    ...{ tool: 'file.write@v1', policies: ['change-ordinary', 'b'], from_policies: ['change-ordinary'] },
    to_policies: ['b'],
  };
  const shadow = { against: 4, replayed: 300, inexact: 0, flipped: 3, kinds: [], duration_ms: 1, at: '' };
  const on = (path: string) => ({ ...flip, summary: `file.write@v1 on ${path} by tidy, risk 0.1` });

  it('tells what flips by tool and by what decides before and after, the most first, each with an example', () => {
    const gone = { ...on('z'), from: 'ask 2', to: 'deny', to_policies: [] };
    const kinds = [{ from: 'allow', to: 'ask 2', count: 2 }];
    expect(shadowLines({ ...shadow, inexact: 1, kinds, flips: [gone, on('a'), on('b')] })).toEqual([
      '300 recorded decisions replayed against epoch 4; 3 would be decided otherwise.',
      '1 of them were recorded with only the first of their paths.',
      '  allow -> ask 2: 2',
      '2 x file.write@v1: allow (change-ordinary) -> ask 2 (b)',
      '    such as file.write@v1 on a by tidy, risk 0.1',
      '1 x file.write@v1: ask 2 (change-ordinary) -> deny (no policy)',
      '    such as file.write@v1 on z by tidy, risk 0.1',
    ]);
  });

  it('shows twenty groups and says how many more there are, and that only the newest are told', () => {
    const flips = Array.from({ length: 100 }, (_, at) => ({ ...on('a'), to_policies: [`p${at % 23}`] }));
    const lines = shadowLines({ ...shadow, flipped: 250, flips });
    expect(lines[1]).toBe('Of the newest 100 of them:');
    expect(lines.filter((line) => line.includes(' x '))).toHaveLength(20);
    expect(lines).toHaveLength(2 + 40 + 1);
    expect(lines.at(-1)).toBe('and 3 more, of 12 actions');
  });

  it('that was kept before it told them apart names what makes the difference', () => {
    const { tool: _tool, from_policies: _from, to_policies: _to, ...older } = on('a');
    expect(shadowLines({ ...shadow, flips: [older] })).toContain(
      '1 x file.write@v1: allow -> ask 2 (change-ordinary, b)',
    );
  });
});

it.each([
  [{ id: 'a', status: 'published' }, 'a', 'IN FORCE'],
  [{ id: 'a', status: 'published' }, 'b', 'was in force'],
  [{ id: 'a', status: 'published' }, null, 'was in force'],
  [{ id: 'a', status: 'awaiting_approval' }, 'b', 'awaiting approval'],
  [{ id: 'a', status: 'draft' }, null, 'draft'],
] as const)('of %j while %p is in force the list says %s', (policy, inForce, text) => {
  expect(statusText(policy, inForce)).toBe(text);
});

it.each([
  ['published', 'i is in force as epoch 3.'],
  ['awaiting_approval', 'i waits for people: 1 of 2 approvers so far, its author is none.'],
  ['superseded', 'i is superseded.'],
] as const)('a bundle that is %s', (status, text) => {
  const policy = {
    id: 'i',
    status,
    epoch: 3,
    approvers_needed: 2,
    votes: [{ decision: 'approve' }, { decision: 'reject' }],
  };
  expect(standingText(policy as unknown as Policy)).toBe(text);
});

it('bundles are listed by when they came into force, the others by when they were written', () => {
  const at = (second: number): string => `2026-11-20T10:00:0${second}.000Z`;
  const items = [
    { id: 'shipped', epoch: 1, created_at: at(3), published_at: at(4) },
    { id: 'draft', epoch: null, created_at: at(2), published_at: null },
    { id: 'second', epoch: 2, created_at: at(1), published_at: at(4) },
    { id: 'asked', epoch: null, created_at: at(5), published_at: null },
  ] as PolicyOverview['items'];
  expect(newestFirst(items).map(({ id }) => id)).toEqual(['asked', 'second', 'shipped', 'draft']);
});
