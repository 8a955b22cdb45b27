import type { executor } from '#contracts';
import type { JournalBodies, JournalKind } from './journal.kinds.js';

/** A row to be written; kind and body belong together. */
export type JournalEntry = { [K in JournalKind]: { kind: K; body: JournalBodies[K] } }[JournalKind];

/** The row that adds something to one action. */
export const aboutAction = (
  kind: Extract<JournalKind, `action.${string}`>,
  key: { step: number },
  action: executor.ActionView,
): JournalEntry => ({ kind, body: { step: { step: key.step, actions: [action] } } });
