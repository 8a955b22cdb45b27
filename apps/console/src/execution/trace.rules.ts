import type { Action, Frame, Step } from '#client/browser';

type News = Pick<Step, 'step'> & Partial<Omit<Step, 'step' | 'actions'>> & { actions: Action[] };

/** The second wins wherever it says something; null and undefined say nothing. */
const saying = <T extends object>(old: T, news: Partial<T>): T => {
  const said = Object.entries(news).filter(([, value]) => value !== undefined && value !== null);
  return { ...old, ...Object.fromEntries(said) };
};

/** `<execution>/<step>/<index>` */
const indexOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));

const actionsWith = (old: Action[], news: Action[]): Action[] => {
  if (news.length === 0) return old;
  const byKey = new Map(old.map((action) => [action.key, action]));
  for (const action of news) byKey.set(action.key, saying(byKey.get(action.key) ?? { key: action.key }, action));
  return [...byKey.values()].sort((a, b) => indexOf(a.key) - indexOf(b.key));
};

/** A step as the second account of it changes the first. */
export const overlaid = (old: News, news: News): Step => ({
  ...saying(old, news),
  actions: actionsWith(old.actions, news.actions),
});

const STATUS_OF_DECISION = { allow: 'authorised', ask: 'awaiting_approval', deny: 'denied' } as const;
const STATUS_OF_ANSWER: Record<string, string> = { approved: 'authorised', pending: 'skipped' };
const STATUS_OF_VERDICT: Record<string, string> = { deviated: 'undoing', inconclusive: 'inconclusive' };

/** A frame names the status of an action only where nothing else in it does. */
const statusAfter = (kind: string, { status, decided, verified, undone }: Action): string | undefined => {
  if (status) return status;
  switch (kind) {
    case 'action.decided':
      return decided ? STATUS_OF_DECISION[decided.decision] : undefined;
    case 'action.approved':
      return decided?.approval ? (STATUS_OF_ANSWER[decided.approval] ?? 'denied') : undefined;
    case 'action.verified':
      return verified ? STATUS_OF_VERDICT[verified.verdict] : undefined;
    case 'action.undoing':
      return 'undoing';
    case 'action.undone':
      return undone?.outcome;
    default:
      return undefined;
  }
};

/** What a frame says about its step, with the status that follows from it; null: it is about none. */
export const newsOf = ({ kind, step }: Pick<Frame, 'kind' | 'step'>): Step | null => {
  if (!step) return null;
  const actions = step.actions.map((action) => {
    const status = statusAfter(kind, action);
    return status === undefined ? action : { ...action, status };
  });
  return { ...step, actions };
};

/** Whether what is known of a step is the whole of it, and not a late word about one that was never read. */
export const isWhole = ({ thought }: Pick<Step, 'thought'>): boolean => typeof thought === 'string';

const isOver = (step: Pick<Step, 'observation'>): boolean => typeof step.observation === 'string';

/** A person is asked: for a yes, or what to make of an effect that nobody could judge. */
export const isWaiting = (action: Action, step: Pick<Step, 'observation'>): boolean =>
  !isOver(step) && (action.status === 'awaiting_approval' || action.status === 'inconclusive');

export const isDeviating = ({ verified }: Action): boolean => verified?.verdict === 'deviated';

const FAILED = new Set(['denied', 'refused', 'conflict', 'undo_failed', 'partly_undone']);

export const isFailed = ({ status, done }: Action): boolean => done?.ok === false || FAILED.has(status ?? '');

const hasChanges = ({ verified }: Action): boolean => (verified?.change_count ?? 0) > 0;

export const FILTERS = ['deviated', 'waiting', 'failed', 'changed'] as const;
export type Filter = (typeof FILTERS)[number];

/** Which filters a step is found by. */
export const filtersOf = (step: Step): Filter[] => {
  const { actions } = step;
  const has: Record<Filter, boolean> = {
    deviated: actions.some(isDeviating),
    waiting: actions.some((action) => isWaiting(action, step)),
    failed: actions.some(isFailed),
    changed: actions.some(hasChanges),
  };
  return FILTERS.filter((filter) => has[filter]);
};

/** What a rollback has to put back: kept effects, and those an undo gave up on. */
export const isToPutBack = (action: Action): boolean =>
  action.status === 'conflict' || action.status === 'undo_failed' || (action.status === 'kept' && hasChanges(action));

/** An action that a person who reads the trace should stop at. */
export interface Stop {
  step: number;
  key: string;
}

export const stopsOf = (step: Step): Stop[] =>
  step.actions
    .filter((action) => isDeviating(action) || isWaiting(action, step) || isFailed(action))
    .map(({ key }) => ({ step: step.step, key }));

const compare = (a: Stop, b: Stop): number => a.step - b.step || indexOf(a.key) - indexOf(b.key);

/** The next stop behind a place, or before it; null: there is none. `stops` in any order. */
export const nextStop = (stops: readonly Stop[], from: Stop | null, direction: 1 | -1): Stop | null => {
  const sorted = [...stops].sort(compare);
  if (direction === -1) sorted.reverse();
  if (from === null) return sorted[0] ?? null;
  return sorted.find((stop) => compare(stop, from) * direction > 0) ?? null;
};
