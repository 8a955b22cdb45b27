import type { Approval } from '#client/browser';
import { editObstacle } from './edit.rules.js';
import type { Answer } from './use-answer.js';
import type { Edit } from './use-edit.js';
import { useSingleKeys } from './use-single-keys.js';

/** `a` and `r` choose an answer and `e` edits the arguments, while there is an answer to choose. */
export const useAnswerKeys = (approval: Approval, edit: Edit, { decision, choose }: Answer): void =>
  useSingleKeys((key) => {
    if (!approval.can_decide || decision !== null || edit.text !== null) return false;
    switch (key) {
      case 'a':
        choose('approve');
        return true;
      case 'r':
        choose('reject');
        return true;
      case 'e':
        if (editObstacle(approval) === null) edit.begin();
        return true;
      default:
        return false;
    }
  });
