import { governance } from '#contracts';
import { isUuid } from '#kernel';
import { limitsInvalid, targetInvalid } from './budget.errors.js';

type Dimension = governance.BudgetDimension;
type Amounts = governance.BudgetAmounts;

/** What the rules need to know of a budget: whole numbers of its dimension. */
export interface BudgetState {
  id: string;
  scope: governance.BudgetScope;
  target: string;
  dimension: Dimension;
  soft: number | null;
  hard: number | null;
  used: number;
  reserved: number;
  soft_told: boolean;
  hard_told: boolean;
}

/** @throws AppError located: `budget.target_invalid`, `budget.limits_invalid` */
export const assertSensible = ({ scope, target, soft, hard }: governance.PutBudget): void => {
  if (scope === 'team' && target) throw targetInvalid('a budget of the team has no target');
  if (scope === 'agent' && !target) throw targetInvalid('must name the agent');
  if (scope === 'execution' && !isUuid(target)) throw targetInvalid('must be the id of the execution');
  if (soft !== undefined && soft !== null && hard !== undefined && hard !== null && soft > hard) throw limitsInvalid();
};

const UNITS: Record<Dimension, (amount: number) => string> = {
  steps: (amount) => `${amount} steps`,
  wall_ms: (amount) => `${amount / 1_000} s of tools`,
  tokens: (amount) => `${amount} tokens`,
  cost_micros: (amount) => `${(amount / 1_000_000).toFixed(2)} USD`,
};

const whose = ({ scope, target }: BudgetState): string => (scope === 'team' ? 'the team' : `${scope} ${target}`);

export const limitText = (budget: BudgetState, limit: 'soft' | 'hard'): string =>
  `The ${limit} limit of ${whose(budget)}, ${UNITS[budget.dimension](budget[limit]!)}, is reached.`;

export type ReservationJudgement =
  /** `passed`: budgets whose soft limit is passed by it for the first time in their period. */
  { kind: 'granted'; amounts: Amounts; passed: BudgetState[] } | { kind: 'exhausted'; budget: BudgetState };

const left = ({ hard, used, reserved }: BudgetState): number => (hard === null ? Infinity : hard - used - reserved);

/**
 * What may be reserved: of every dimension as much as all its budgets have left, at most what was asked for and not less
 * than the least that would do; else nothing at all. `over`: whatever is left.
 */
export const judgeReservation = (
  budgets: readonly BudgetState[],
  { amounts: asked, least = {}, over = false }: Pick<governance.ReserveBudget, 'amounts' | 'least' | 'over'>,
): ReservationJudgement => {
  const amounts: Amounts = {};
  for (const dimension of governance.BUDGET_DIMENSIONS) {
    const wanted = asked[dimension];
    if (wanted === undefined || wanted === null) continue;
    const own = budgets.filter((budget) => budget.dimension === dimension);
    const tightest = own.toSorted((a, b) => left(a) - left(b))[0];
    const granted = over || !tightest ? wanted : Math.min(wanted, left(tightest));
    if (tightest && granted < (over ? 0 : (least[dimension] ?? wanted))) return { kind: 'exhausted', budget: tightest };
    amounts[dimension] = granted;
  }
  const passed = budgets.filter(
    ({ dimension, soft, soft_told, used, reserved }) =>
      soft !== null && !soft_told && used + reserved + (amounts[dimension] ?? 0) > soft,
  );
  return { kind: 'granted', amounts, passed };
};
