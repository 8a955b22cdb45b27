import type { Me } from '#client/browser';
import { type Draft, keptDraftOf } from './draft.rules.js';

/** One draft a tab, person and team: nobody who signs in after somebody finds their text. */
const placeOf = ({ user, team }: Me): string => `spectrace.policy-draft.${user.id}.${team}`;

export const keptDraft = (me: Me): Draft | null => keptDraftOf(sessionStorage.getItem(placeOf(me)));

export const keepDraft = (me: Me, draft: Draft): void => {
  try {
    sessionStorage.setItem(placeOf(me), JSON.stringify(draft));
  } catch {
    // Full, or closed to this page: the draft lives as long as the page.
  }
};

export const forgetDraft = (me: Me): void => sessionStorage.removeItem(placeOf(me));
