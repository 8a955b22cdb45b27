import type { Budget, PutBudget } from '#client/browser';
import { durationWords } from '../page/duration.rules.js';
import type { Tone } from '../page/tone.rules.js';

type Dimension = Budget['dimension'];
type Scope = Budget['scope'];
type Period = Budget['period'];

interface DimensionWords {
  label: string;
  what: string;
  /** What people write limits in. */
  unit: string;
  /** How many of the API's units make one of them. */
  per: number;
  decimals: number;
}

export const DIMENSIONS: Readonly<Record<Dimension, DimensionWords>> = {
  steps: { label: 'Steps', what: 'Turns of the agent.', unit: 'steps', per: 1, decimals: 0 },
  wall_ms: {
    label: 'Time of tools',
    what: 'How long its tools run, one after the other.',
    unit: 'seconds',
    per: 1_000,
    decimals: 3,
  },
  tokens: { label: 'Tokens', what: 'Of models; a playbook uses none.', unit: 'tokens', per: 1, decimals: 0 },
  cost_micros: {
    label: 'Money',
    what: 'What models cost; a playbook costs nothing.',
    unit: 'USD',
    per: 1_000_000,
    decimals: 6,
  },
};

export const PERIODS: Readonly<Record<Period, { label: string; words: string }>> = {
  total: { label: 'In all', words: 'in all' },
  day: { label: 'Per day (UTC)', words: 'per day' },
  month: { label: 'Per month (UTC)', words: 'per month' },
};

const whole = new Intl.NumberFormat('en');
const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 6 });

/** An amount with its unit: `12 steps`, `4 min 10 s`, `$1.50`. */
export const amountText = (dimension: Dimension, amount: number): string => {
  switch (dimension) {
    case 'steps':
      return `${whole.format(amount)} ${amount === 1 ? 'step' : 'steps'}`;
    case 'tokens':
      return `${whole.format(amount)} ${amount === 1 ? 'token' : 'tokens'}`;
    case 'wall_ms':
      return durationWords(amount);
    case 'cost_micros':
      return `$${money.format(amount / DIMENSIONS.cost_micros.per)}`;
  }
};

type Spent = Pick<Budget, 'dimension' | 'soft' | 'hard' | 'used' | 'reserved'>;

/** `3 of 10 steps, 2 steps reserved` */
export const spentText = ({ dimension, hard, used, reserved }: Spent): string => {
  const counted = dimension === 'steps' || dimension === 'tokens';
  const most = hard ?? null;
  const spent =
    most === null
      ? amountText(dimension, used)
      : `${counted ? whole.format(used) : amountText(dimension, used)} of ${amountText(dimension, most)}`;
  return reserved > 0 ? `${spent}, ${amountText(dimension, reserved)} reserved` : spent;
};

/** `soft 5 steps, hard 10 steps` */
export const limitsText = ({ dimension, soft, hard }: Pick<Spent, 'dimension' | 'soft' | 'hard'>): string =>
  [
    ...(typeof soft === 'number' ? [`soft ${amountText(dimension, soft)}`] : []),
    ...(typeof hard === 'number' ? [`hard ${amountText(dimension, hard)}`] : []),
  ].join(', ');

interface Standing {
  word: string;
  tone: Tone;
  meaning: string;
}

/** Where a budget stands against its limits. */
export const standingOf = ({ soft, hard, used, reserved }: Spent): Standing => {
  if (typeof hard === 'number' && used >= hard) {
    return { word: 'hard limit reached', tone: 'critical', meaning: 'Runs that need more of it wait.' };
  }
  if (typeof hard === 'number' && used + reserved >= hard) {
    return { word: 'all reserved', tone: 'high', meaning: 'What is under way holds the rest of it; others wait.' };
  }
  if (typeof soft === 'number' && used + reserved > soft) {
    return { word: 'soft limit passed', tone: 'medium', meaning: 'It was told once; runs go on.' };
  }
  return { word: 'within its limits', tone: 'low', meaning: 'Runs go on.' };
};

/** Whether a run that needs one more has to wait. */
export const isSpent = ({ hard, used, reserved }: Pick<Spent, 'hard' | 'used' | 'reserved'>): boolean =>
  typeof hard === 'number' && used + reserved >= hard;

export interface Bar {
  /** Percent of the whole bar. */
  used: number;
  reserved: number;
  soft: number | null;
}

/** The bar ends at the hard limit, or where more was spent there; without one at what is told or spent. */
export const barOf = ({ soft, hard, used, reserved }: Spent): Bar => {
  const end = Math.max(hard ?? soft ?? 0, used + reserved);
  const percent = (amount: number): number => (end === 0 ? 0 : (amount / end) * 100);
  // Nothing may be spent at all: a full bar.
  if (end === 0) return { used: 100, reserved: 0, soft: null };
  const told = typeof soft === 'number' && soft < end ? percent(soft) : null;
  return { used: percent(used), reserved: percent(reserved), soft: told };
};

export interface BudgetDraft extends Record<string, unknown> {
  scope: Scope;
  /** Agent, or id of the execution. */
  target: string;
  dimension: Dimension;
  period: Period;
  /** In the unit of the dimension; empty: none. */
  soft: number | string;
  hard: number | string;
}

export const NEW_BUDGET: BudgetDraft = {
  scope: 'team',
  target: '',
  dimension: 'steps',
  period: 'day',
  soft: '',
  hard: '',
};

type Identity = Pick<Budget, 'scope' | 'target' | 'dimension' | 'period'>;

const fieldOf = (dimension: Dimension, amount: number | null | undefined): number | string =>
  typeof amount === 'number' ? amount / DIMENSIONS[dimension].per : '';

export const draftOf = ({ scope, target, dimension, period, soft, hard }: Budget): BudgetDraft => ({
  scope,
  target: target ?? '',
  dimension,
  period,
  soft: fieldOf(dimension, soft),
  hard: fieldOf(dimension, hard),
});

const amountOf = (dimension: Dimension, field: number | string): number =>
  Math.round(Number(field) * DIMENSIONS[dimension].per);

/** By field: what is wrong with a draft before it is sent. */
export const problemsOf = ({ scope, target, soft, hard }: BudgetDraft): Partial<Record<string, string>> => ({
  ...(scope === 'agent' && target.trim() === '' && { target: 'Name the agent.' }),
  ...(scope === 'execution' && target === '' && { target: 'Choose the run.' }),
  ...(soft === '' && hard === '' && { hard: 'A budget has a soft limit, a hard one, or both.' }),
});

/** A draft as it is sent. */
export const requestOf = ({ scope, target, dimension, period, soft, hard }: BudgetDraft): PutBudget => ({
  scope,
  dimension,
  period,
  ...(scope !== 'team' && { target: target.trim() }),
  ...(soft !== '' && { soft: amountOf(dimension, soft) }),
  ...(hard !== '' && { hard: amountOf(dimension, hard) }),
});

/** What removes a budget: it has no limits any more. */
export const removalOf = ({ scope, target, dimension, period }: Identity): PutBudget => ({
  scope,
  dimension,
  period,
  ...(target && { target }),
});

/** `Steps of the agent tidy per day` */
export const nameOf = ({ scope, target, dimension, period }: Identity): string => {
  const whose = { team: 'the team', agent: `the agent ${target}`, execution: `the run ${target}` }[scope];
  return `${DIMENSIONS[dimension].label} of ${whose} ${PERIODS[period].words}`;
};
