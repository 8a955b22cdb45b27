import type { Action, Step } from '#client/browser';

type Change = NonNullable<Action['verified']>['changes'][number];

/** One change that was observed, with the action that made it and what became of it. */
export interface ObservedChange {
  path: string;
  change: Change['change'];
  step: number;
  key: string;
  tool: string;
  fate: 'kept' | 'undone' | 'not_undone' | 'open';
  deviates: boolean;
}

const FATES: Record<string, ObservedChange['fate']> = {
  kept: 'kept',
  undone: 'undone',
  partly_undone: 'not_undone',
  conflict: 'not_undone',
  undo_failed: 'not_undone',
};

const fateOf = ({ status, undone }: Action): ObservedChange['fate'] => {
  if (status === 'undoing') return 'open';
  return FATES[undone?.outcome ?? status ?? ''] ?? 'open';
};

const changesOfAction = (step: number, action: Action): ObservedChange[] => {
  const { verified, key, tool } = action;
  const places = new Set(verified?.deviations.map((deviation) => deviation.path));
  const fate = fateOf(action);
  return (verified?.changes ?? []).map(({ path, change }) => ({
    path,
    change,
    step,
    key,
    tool: tool ?? '',
    fate,
    deviates: places.has(path),
  }));
};

/** Everything that was observed to change in these steps, in the order it happened. */
export const observedChanges = (steps: Iterable<Step>): ObservedChange[] =>
  [...steps].flatMap(({ step, actions }) => actions.flatMap((action) => changesOfAction(step, action)));

/** Changes that happened and are in no list: an action names its first 100. */
export const unlisted = (steps: Iterable<Step>): number =>
  [...steps]
    .flatMap(({ actions }) => actions)
    .reduce((sum, { verified }) => sum + (verified ? verified.change_count - verified.changes.length : 0), 0);

export interface DiffCount {
  created: number;
  modified: number;
  deleted: number;
  kept: number;
  undone: number;
  not_undone: number;
  open: number;
}

export const countChanges = (changes: readonly ObservedChange[]): DiffCount => {
  const counts: DiffCount = { created: 0, modified: 0, deleted: 0, kept: 0, undone: 0, not_undone: 0, open: 0 };
  for (const { change, fate } of changes) {
    counts[change] += 1;
    counts[fate] += 1;
  }
  return counts;
};
