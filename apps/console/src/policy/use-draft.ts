import type { PolicyOverview } from '#client/browser';
import { useEffect, useState } from 'react';
import { useMe } from '../session/use-me.js';
import { type Draft, draftFrom } from './draft.rules.js';
import { forgetDraft, keepDraft, keptDraft } from './kept-draft.js';

export interface DraftDesk {
  draft: Draft;
  /** False: nobody has written anything; it follows what is in force. */
  isBegun: boolean;
  /** What is told here is added to the newest text, whenever it is told. */
  write: (change: Partial<Draft> | ((now: Draft) => Partial<Draft>)) => void;
  discard: () => void;
}

/** The text somebody is writing; it outlives a reload. */
export const useDraft = (inForce: PolicyOverview): DraftDesk => {
  const me = useMe();
  const [kept, setKept] = useState(() => keptDraft(me));
  useEffect(() => {
    if (kept) keepDraft(me, kept);
    else forgetDraft(me);
  }, [me, kept]);
  return {
    draft: kept ?? draftFrom(inForce),
    isBegun: kept !== null,
    write: (change) =>
      setKept((before) => {
        const now = before ?? draftFrom(inForce);
        return { ...now, ...(typeof change === 'function' ? change(now) : change) };
      }),
    discard: () => setKept(null),
  };
};
