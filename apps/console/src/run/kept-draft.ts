import type { Me } from '#client/browser';
import { draftOf, type RunDraft } from './run-draft.rules.js';

/** One draft a tab, person and team: nobody who signs in after somebody finds their task. */
const placeOf = ({ user, team }: Me): string => `spectrace.run-draft.${user.id}.${team}`;

export const keptDraft = (me: Me): RunDraft => draftOf(sessionStorage.getItem(placeOf(me)));

export const keepDraft = (me: Me, draft: RunDraft): void => {
  try {
    sessionStorage.setItem(placeOf(me), JSON.stringify(draft));
  } catch {
    // Full, or closed to this page: the draft lives as long as the page.
  }
};

export const forgetDraft = (me: Me): void => sessionStorage.removeItem(placeOf(me));
