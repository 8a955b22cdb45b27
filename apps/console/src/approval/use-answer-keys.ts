import { useSingleKeys } from './use-single-keys.js';

/** `a` and `r` choose an answer while there is one to choose. */
export const useAnswerKeys = (enabled: boolean, choose: (decision: 'approve' | 'reject') => void): void =>
  useSingleKeys((key) => {
    if (!enabled || (key !== 'a' && key !== 'r')) return false;
    choose(key === 'a' ? 'approve' : 'reject');
    return true;
  });
