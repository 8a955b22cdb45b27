import type { Approval } from '#client/browser';

type Arguments = Approval['arguments'];

/** Arguments as a reviewer reads and writes them. */
export const draftOf = (given: Arguments): string => JSON.stringify(given, null, 2);

export type Draft =
  /** They say what is there already. */
  { kind: 'same' } | { kind: 'edited'; arguments: Arguments } | { kind: 'invalid'; message: string };

/** With the members of every object in one order: two texts of the same value are one. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, sorted(member)]);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
};

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** What a reviewer has written over the arguments that are there. */
export const readDraft = (text: string, given: Arguments): Draft => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'invalid', message: `This is not JSON yet: ${(error as SyntaxError).message}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'invalid', message: 'The arguments are an object: { … }.' };
  }
  return isSame(value, given) ? { kind: 'same' } : { kind: 'edited', arguments: value as Arguments };
};

const HIDDEN = /\[redacted:[a-z_]+\]|… \(\d+ (?:characters|items)\)/;

/** Whether something of them is shown as hidden or cut off. */
export const hasHidden = (given: Arguments): boolean => HIDDEN.test(JSON.stringify(given));

/** Why the arguments of this one cannot be edited here; null: they can. */
export const editObstacle = ({
  step,
  can_decide,
  runs_elsewhere,
}: Pick<Approval, 'step' | 'can_decide' | 'runs_elsewhere'>): string | null => {
  if (step === 0) return 'A run itself has no arguments to edit.';
  if (runs_elsewhere) return 'Its agent runs elsewhere and would not be told.';
  return can_decide ? null : 'Only who may answer may edit.';
};
