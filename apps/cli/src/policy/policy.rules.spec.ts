import { describe, expect, it } from '@jest/globals';
import type { Policy } from '#client';
import { checkLines, isBundleFile, shadowLines, standingText } from './policy.rules.js';

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

it('a replay tells what flips, and by which policies', () => {
  const flip = { execution_id: '', step: 1, index: 0, at: '', reasons: [] };
  expect(
    shadowLines({
      ...{ against: 4, replayed: 1, inexact: 1, flipped: 1, duration_ms: 1, at: '' },
      kinds: [{ from: 'allow', to: 'ask 2', count: 1 }],
      flips: [
        { ...flip, summary: 'file.write@v1 on dist by tidy, risk 0.1', from: 'allow', to: 'ask 2', policies: ['p'] },
      ],
    }),
  ).toEqual([
    '1 recorded decision replayed against epoch 4; 1 would be decided otherwise.',
    '1 of them were recorded with only the first of their paths.',
    '  allow -> ask 2: 1',
    'allow -> ask 2  file.write@v1 on dist by tidy, risk 0.1 (p)',
  ]);
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
