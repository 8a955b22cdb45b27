import { describe, expect, it } from '@jest/globals';
import type { Budget } from '#client/browser';
import {
  amountText,
  barOf,
  draftOf,
  isSpent,
  limitsText,
  nameOf,
  NEW_BUDGET,
  problemsOf,
  removalOf,
  requestOf,
  spentText,
  standingOf,
} from './budget.rules.js';

const budget = (changed: Partial<Budget> = {}): Budget => ({
  id: '1',
  scope: 'agent',
  target: 'tidy',
  dimension: 'steps',
  period: 'day',
  soft: 5,
  hard: 10,
  used: 0,
  reserved: 0,
  resets_at: null,
  changed_by: { kind: 'person', id: 'u', name: 'ada' },
  changed_at: '2026-01-01T00:00:00Z',
  ...changed,
});

describe('an amount', () => {
  it.each([
    ['steps', 1, '1 step'],
    ['steps', 12_000, '12,000 steps'],
    ['tokens', 2, '2 tokens'],
    ['wall_ms', 250_000, '4 min 10 s'],
    ['cost_micros', 1_500_000, '$1.50'],
    ['cost_micros', 5, '$0.000005'],
  ] as const)('of %s, %i, is %s', (dimension, amount, words) => expect(amountText(dimension, amount)).toBe(words));

  it.each([
    [{ used: 3 }, '3 of 10 steps'],
    [{ used: 3, reserved: 1 }, '3 of 10 steps, 1 step reserved'],
    [{ used: 3, hard: null }, '3 steps'],
    [{ dimension: 'wall_ms', used: 1_500, hard: 60_000 }, '1.5 s of 1 min'],
    [{ dimension: 'cost_micros', used: 0, hard: 0 }, '$0.00 of $0.00'],
  ] as const)('%j is told as %s', (changed, words) => expect(spentText(budget(changed))).toBe(words));

  it.each([
    [{}, 'soft 5 steps, hard 10 steps'],
    [{ soft: null }, 'hard 10 steps'],
    [{ hard: null }, 'soft 5 steps'],
  ])('of limits %j is told as %s', (changed, words) => expect(limitsText(budget(changed))).toBe(words));
});

describe('a budget', () => {
  it.each([
    [{ used: 5 }, 'within its limits', false],
    [{ used: 5, reserved: 1 }, 'soft limit passed', false],
    [{ used: 9, reserved: 1 }, 'all reserved', true],
    [{ used: 10 }, 'hard limit reached', true],
    [{ used: 12 }, 'hard limit reached', true],
    [{ hard: 0, soft: null }, 'hard limit reached', true],
    [{ hard: null, used: 99 }, 'soft limit passed', false],
  ])('%j is %s', (changed, word, spent) => {
    expect(standingOf(budget(changed)).word).toBe(word);
    expect(isSpent(budget(changed))).toBe(spent);
  });

  it.each([
    [
      { used: 4, reserved: 1 },
      { used: 40, reserved: 10, soft: 50 },
    ],
    [{ used: 20 }, { used: 100, reserved: 0, soft: 25 }],
    [
      { hard: null, used: 1 },
      { used: 20, reserved: 0, soft: null },
    ],
    [
      { hard: 0, soft: null },
      { used: 100, reserved: 0, soft: null },
    ],
  ])('%j is drawn as %j', (changed, bar) => expect(barOf(budget(changed))).toEqual(bar));

  it('has a name that tells it from every other', () => {
    expect(nameOf(budget())).toBe('Steps of the agent tidy per day');
    expect(nameOf(budget({ scope: 'team', target: null, dimension: 'wall_ms', period: 'total' }))).toBe(
      'Time of tools of the team in all',
    );
  });
});

describe('a draft of a budget', () => {
  it.each([
    ['wall_ms', 90_500, 90.5],
    ['cost_micros', 10, 0.00001],
    ['tokens', 7, 7],
  ] as const)('of %s says %i as %d, and sends it back as it was', (dimension, amount, field) => {
    const one = budget({ dimension, soft: null, hard: amount });
    expect(draftOf(one)).toMatchObject({ soft: '', hard: field });
    expect(requestOf(draftOf(one))).toEqual({
      scope: 'agent',
      target: 'tidy',
      dimension,
      period: 'day',
      hard: amount,
    });
  });

  it.each([
    [{}, ['hard']],
    [{ hard: 0 }, []],
    [{ scope: 'agent', hard: 1 }, ['target']],
    [{ scope: 'execution', soft: 1 }, ['target']],
    [{ scope: 'agent', target: 'tidy', soft: 1 }, []],
  ] as const)('%j has problems at %j', (changed, fields) =>
    expect(Object.keys(problemsOf({ ...NEW_BUDGET, ...changed }))).toEqual(fields),
  );

  it('of the team names no target, also when one was typed before', () => {
    expect(requestOf({ ...NEW_BUDGET, target: 'tidy', hard: 1 })).toEqual({
      scope: 'team',
      dimension: 'steps',
      period: 'day',
      hard: 1,
    });
  });

  it('is removed by leaving its limits away', () => {
    expect(removalOf(budget())).toEqual({ scope: 'agent', target: 'tidy', dimension: 'steps', period: 'day' });
    expect(removalOf(budget({ scope: 'team', target: null }))).not.toHaveProperty('target');
  });
});
