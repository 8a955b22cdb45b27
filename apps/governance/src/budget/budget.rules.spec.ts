import { describe, expect, it } from '@jest/globals';
import type { governance } from '#contracts';
import { uuidv7 } from '#kernel';
import fc from 'fast-check';
import { assertSensible, type BudgetState, judgeReservation, limitText } from './budget.rules.js';

const budget = (changed: Partial<BudgetState>): BudgetState => ({
  id: uuidv7(),
  scope: 'team',
  target: '',
  dimension: 'steps',
  soft: null,
  hard: 10,
  used: 0,
  reserved: 0,
  soft_told: false,
  hard_told: false,
  ...changed,
});
type Asked = Pick<governance.ReserveBudget, 'amounts' | 'least' | 'over'>;
const outcome = (budgets: BudgetState[], asked: Asked): unknown => {
  const judged = judgeReservation(budgets, asked);
  return judged.kind === 'granted' ? judged.amounts : `exhausted ${judged.budget.hard}`;
};

describe('a reservation', () => {
  it.each<[string, Partial<BudgetState>[], Asked, unknown]>([
    ['without a budget', [], { amounts: { steps: 5 } }, { steps: 5 }],
    [
      'of another dimension than the budget',
      [{ dimension: 'tokens', hard: 0 }],
      { amounts: { steps: 5 } },
      { steps: 5 },
    ],
    ['up to the limit', [{ used: 6, reserved: 3 }], { amounts: { steps: 1 } }, { steps: 1 }],
    ['beyond it', [{ used: 6, reserved: 4 }], { amounts: { steps: 1 } }, 'exhausted 10'],
    ['that only what is reserved stands in the way of', [{ reserved: 10 }], { amounts: { steps: 1 } }, 'exhausted 10'],
    [
      'of what is left, where less will do',
      [{ used: 7 }],
      { amounts: { steps: 9 }, least: { steps: 1 } },
      { steps: 3 },
    ],
    ['of less than will do', [{ used: 7 }], { amounts: { steps: 9 }, least: { steps: 4 } }, 'exhausted 10'],
    ['under two budgets: the tighter one', [{ hard: 100 }, { hard: 4 }], { amounts: { steps: 5 } }, 'exhausted 4'],
    [
      'of two dimensions: all or nothing',
      [{ dimension: 'tokens', hard: 1 }],
      { amounts: { steps: 1, tokens: 2 } },
      'exhausted 1',
    ],
    ['without a hard limit', [{ hard: null, soft: 1, used: 50 }], { amounts: { steps: 5 } }, { steps: 5 }],
    ['by somebody who may go beyond', [{ used: 10 }], { amounts: { steps: 3 }, over: true }, { steps: 3 }],
    [
      'under a limit that was lowered below what is spent',
      [{ used: 20 }],
      { amounts: { steps: 3 }, least: { steps: 0 } },
      'exhausted 10',
    ],
  ])('%s', (_, states, asked, expected) => {
    expect(outcome(states.map(budget), asked)).toEqual(expected);
  });

  it('names the soft limits it is the first to pass', () => {
    const soft = budget({ soft: 3, used: 3 });
    const told = budget({ soft: 3, used: 3, soft_told: true });
    const judged = judgeReservation([soft, told, budget({ soft: 9 })], { amounts: { steps: 1 } });
    expect(judged).toMatchObject({ kind: 'granted', passed: [soft] });
  });

  it('never leaves a budget above its limit, and grants no more than was asked for', () => {
    const amount = fc.integer({ min: 0, max: 50 });
    const states = fc.array(
      fc.record({
        hard: fc.option(amount),
        used: amount,
        reserved: amount,
        dimension: fc.constantFrom('steps' as const, 'tokens' as const),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(states, amount, amount, amount, (given, steps, tokens, least) => {
        const budgets = given.map(budget);
        const judged = judgeReservation(budgets, {
          amounts: { steps, tokens },
          least: { steps: Math.min(least, steps) },
        });
        if (judged.kind === 'exhausted') return;
        expect(judged.amounts.steps!).toBeLessThanOrEqual(steps);
        expect(judged.amounts.tokens!).toBe(tokens);
        for (const { dimension, hard, used, reserved } of budgets) {
          if (hard !== null) expect(used + reserved + judged.amounts[dimension]!).toBeLessThanOrEqual(hard);
        }
      }),
    );
  });
});

it.each<[Partial<governance.PutBudget>, string | null]>([
  [{ scope: 'team' }, null],
  [{ scope: 'team', target: 'tidy' }, 'budget.target_invalid'],
  [{ scope: 'agent' }, 'budget.target_invalid'],
  [{ scope: 'agent', target: 'tidy', soft: 5, hard: 5 }, null],
  [{ scope: 'execution', target: 'tidy' }, 'budget.target_invalid'],
  [{ scope: 'execution', target: uuidv7() }, null],
  [{ scope: 'team', soft: 6, hard: 5 }, 'budget.limits_invalid'],
])('%j: %s', (input, code) => {
  const put = () => assertSensible({ scope: 'team', dimension: 'steps', ...input });
  if (code) expect(put).toThrow(expect.objectContaining({ code }));
  else expect(put).not.toThrow();
});

it.each([
  [{ hard: 40 }, 'The hard limit of the team, 40 steps, is reached.'],
  [
    { scope: 'agent' as const, target: 'tidy', dimension: 'wall_ms' as const, hard: 1_500 },
    'The hard limit of agent tidy, 1.5 s of tools, is reached.',
  ],
  [{ dimension: 'cost_micros' as const, hard: 2_500_000 }, 'The hard limit of the team, 2.50 USD, is reached.'],
])('%j is told as: %s', (changed, sentence) => {
  expect(limitText(budget(changed), 'hard')).toBe(sentence);
});
