import { Bool, Id, Instant, Int, ListOf, Nested, OneOf, Text, Texts } from '../fields.js';
import { fact, rpc } from '../message.js';
import { PrincipalView } from '../principal.js';

export const BUDGET_SCOPES = ['team', 'agent', 'execution'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** What is spent: turns, milliseconds of tools, tokens of models, millionths of a US dollar. */
export const BUDGET_DIMENSIONS = ['steps', 'wall_ms', 'tokens', 'cost_micros'] as const;
export type BudgetDimension = (typeof BUDGET_DIMENSIONS)[number];

export const BUDGET_PERIODS = ['total', 'day', 'month'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** 2^50: sums of amounts stay exact. */
const MOST = 1_125_899_906_842_624;

export class PutBudget {
  @OneOf(BUDGET_SCOPES) scope!: BudgetScope;
  @Text({ optional: true, min: 1, max: 200, doc: 'The agent, or the id of the execution; of scope team none.' })
  target?: string;
  @OneOf(BUDGET_DIMENSIONS, { doc: 'cost_micros: millionths of a US dollar; wall_ms: milliseconds of tools.' })
  dimension!: BudgetDimension;
  @OneOf(BUDGET_PERIODS, { optional: true, doc: 'When it begins anew, in UTC; default total: never.' })
  period?: BudgetPeriod;
  @Int({ optional: true, max: MOST, doc: 'What is spent beyond it is told. Absent: nothing is.' }) soft?: number;
  @Int({
    optional: true,
    max: MOST,
    doc: 'Nothing is spent beyond it. Absent: there is no end. With neither limit the budget is removed; what it counted is not forgotten.',
  })
  hard?: number;
}

export class ListBudgets {
  @OneOf(BUDGET_SCOPES, { optional: true }) scope?: BudgetScope;
  @Text({ optional: true, min: 1, max: 200, doc: 'Only of this agent or execution.' }) target?: string;
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Text({ optional: true, max: 200, doc: '`next_cursor` of the page before.' }) cursor?: string;
}

export class BudgetView {
  @Id() id!: string;
  @OneOf(BUDGET_SCOPES) scope!: BudgetScope;
  @Text({ optional: true, doc: 'The agent or execution; null: the team.' }) target!: string | null;
  @OneOf(BUDGET_DIMENSIONS) dimension!: BudgetDimension;
  @OneOf(BUDGET_PERIODS) period!: BudgetPeriod;
  @Int({ optional: true }) soft!: number | null;
  @Int({ optional: true }) hard!: number | null;
  @Int({ doc: 'Spent in this period.' }) used!: number;
  @Int({ doc: 'Reserved for what is under way; it counts against the limit.' }) reserved!: number;
  @Instant({ optional: true, doc: 'When the next period begins; null: never.' }) resets_at!: string | null;
  @Nested(() => PrincipalView) changed_by!: PrincipalView;
  @Instant() changed_at!: string;
}

export class BudgetPage {
  @ListOf(() => BudgetView) items!: BudgetView[];
  @Text({ optional: true, doc: 'Null on the last page.' }) next_cursor!: string | null;
}

export class BudgetAmounts {
  @Int({ optional: true, max: MOST }) steps?: number;
  @Int({ optional: true, max: MOST }) wall_ms?: number;
  @Int({ optional: true, max: MOST }) tokens?: number;
  @Int({ optional: true, max: MOST }) cost_micros?: number;
}

export class ReserveBudget {
  @Text({ min: 1, max: 200, doc: 'What it is for, an action key; reserved once however often it is asked.' })
  key!: string;
  @Id() execution_id!: string;
  @Text({ max: 200 }) agent_id!: string;
  @Nested(() => BudgetAmounts, { doc: 'The most it may take.' }) amounts!: BudgetAmounts;
  @Nested(() => BudgetAmounts, { optional: true, doc: 'Where less would do as well: the least of it.' })
  least?: BudgetAmounts;
  @Bool({ optional: true, doc: 'Beyond hard limits too, because a person who may said so.' }) over?: boolean;
}

export class BudgetReservation {
  @Bool({ doc: 'False: a hard limit is reached, and nothing was reserved.' }) granted!: boolean;
  @Nested(() => BudgetAmounts, { doc: 'What was reserved: at most what was asked for.' }) amounts!: BudgetAmounts;
  @Texts({ values: BUDGET_DIMENSIONS, doc: 'Of which this run has a budget.' }) limited!: BudgetDimension[];
  @Texts({ doc: 'Soft limits that were passed by this, in sentences.' }) warnings!: string[];
  @Text({ optional: true, doc: 'Which limit is reached, in a sentence.' }) exhausted!: string | null;
}

export class SpentItem {
  @Text({ min: 1, max: 200 }) key!: string;
  @Nested(() => BudgetAmounts) used!: BudgetAmounts;
}

export class SettleBudget {
  @ListOf(() => SpentItem, { max: 1_000 }) items!: SpentItem[];
}

export class BudgetSettlement {
  @Int({ doc: 'Reservations settled by this; a repeat settles none.' }) settled!: number;
}

/** A limit is another one from now on; null: there is none. */
export class BudgetChanged {
  @Id() budget_id!: string;
  @OneOf(BUDGET_SCOPES) scope!: BudgetScope;
  @Text({ max: 200, doc: 'Empty for the team.' }) target!: string;
  @OneOf(BUDGET_DIMENSIONS) dimension!: BudgetDimension;
  @Int({ optional: true }) soft!: number | null;
  @Int({ optional: true }) hard!: number | null;
}

/** A limit was reached, once in its period: soft, it is told; hard, runs are paused. */
export class BudgetReached {
  @Id() budget_id!: string;
  @OneOf(['soft', 'hard']) limit!: 'soft' | 'hard';
  @OneOf(BUDGET_SCOPES) scope!: BudgetScope;
  @Text({ max: 200, doc: 'Empty for the team.' }) target!: string;
  @OneOf(BUDGET_DIMENSIONS) dimension!: BudgetDimension;
  @Id({ doc: 'The run that reached it.' }) execution_id!: string;
  @Text() sentence!: string;
}

export const budget = {
  list: rpc('governance.budget.list.v1', ListBudgets, BudgetPage),
  /** Makes or changes the budget of its scope, target, dimension and period. */
  put: rpc('governance.budget.put.v1', PutBudget, BudgetView),
  /** Before something is spent. */
  reserve: rpc('governance.budget.reserve.v1', ReserveBudget, BudgetReservation),
  /** After it: what was spent counts, the rest is free again. */
  settle: rpc('governance.budget.settle.v1', SettleBudget, BudgetSettlement),
} as const;

export const budgetChanged = fact('governance.budget.changed.v1', BudgetChanged);
export const budgetReached = fact('governance.budget.reached.v1', BudgetReached);
