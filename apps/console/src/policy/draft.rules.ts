import type { Policy, PolicyOverview } from '#client/browser';
import { changesOf, type Files } from './policy.rules.js';

/** A bundle as far as somebody has written it. */
export interface Draft {
  files: Files;
  /** The epoch it was written from. */
  based_on: number;
  note: string;
  /** Id of what was tried last, of this text or of an earlier one; null: nothing. */
  tried: string | null;
}

export const draftFrom = ({ files, epoch }: Pick<PolicyOverview, 'files' | 'epoch'>): Draft => ({
  files: files as Files,
  based_on: epoch,
  note: '',
  tried: null,
});

const isFiles = (value: unknown): value is Files =>
  typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');

/** A kept draft; null when it is none. */
export const keptDraftOf = (kept: string | null): Draft | null => {
  let value: unknown;
  try {
    value = JSON.parse(kept ?? 'null');
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { files, based_on, note, tried } = value as Record<string, unknown>;
  if (!isFiles(files) || !Number.isInteger(based_on)) return null;
  return {
    files,
    based_on: based_on as number,
    note: typeof note === 'string' ? note : '',
    tried: typeof tried === 'string' ? tried : null,
  };
};

/** Whether what was tried is this very text. */
export const isOf = (tried: Pick<Policy, 'files' | 'based_on'>, draft: Draft): boolean =>
  tried.based_on === draft.based_on && changesOf(tried.files as Files, draft.files).length === 0;

export type Step = 'check' | 'replay' | 'propose';

/** What the server knows about the text; null: nothing was tried. */
type Tried = Pick<Policy, 'check' | 'shadow' | 'files' | 'based_on'> | null;

/**
 * Why a step cannot be taken now, in a sentence; null: it can. Steps are taken in order, each about the text as it is, and
 * only from the epoch in force.
 */
export const obstacleOf = (
  step: Step,
  { draft, tried, inForce }: { draft: Draft; tried: Tried; inForce: Pick<PolicyOverview, 'epoch' | 'files'> },
): string | null => {
  if (changesOf(inForce.files as Files, draft.files).length === 0) return 'It says what is in force; change something.';
  if (step === 'check') return null;
  if (draft.based_on !== inForce.epoch) return `Epoch ${inForce.epoch} came into force since it was written.`;
  if (!tried?.check || !isOf(tried, draft)) return 'The text as it is now has to be checked first.';
  if (!tried.check.ok) return 'Its problems have to be solved first.';
  if (step === 'propose' && tried.shadow?.against !== inForce.epoch) {
    return 'It has to be replayed first, so that people see what it would change.';
  }
  return null;
};
