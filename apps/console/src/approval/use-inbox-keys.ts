import type { Approval } from '#client/browser';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { focusRow } from './approval-list.js';
import { useSingleKeys } from './use-single-keys.js';

/** Enter keeps its own meaning on everything that can be pressed. */
const isFree = (target: EventTarget | null): boolean =>
  target === document.body || (target instanceof HTMLElement && target.dataset['approval'] !== undefined);

/** `j` and `k` move through the list, Enter opens the execution of the one that is looked at. */
export const useInboxKeys = (
  approvals: readonly Approval[],
  selected: string | undefined,
  select: (id: string) => void,
): void => {
  const navigate = useNavigate();
  const at = approvals.findIndex(({ id }) => id === selected);
  // Where the one that is looked at stood before it left the list: the one after it stands there now.
  const stood = useRef(0);
  useEffect(() => {
    if (at >= 0) stood.current = at;
  }, [at]);
  useSingleKeys((key, target) => {
    if (key === 'Enter' && at >= 0 && isFree(target)) {
      void navigate({ to: '/executions/$id', params: { id: approvals[at]!.execution_id } });
      return true;
    }
    if (key !== 'j' && key !== 'k') return false;
    const from = at >= 0 ? at : key === 'j' ? stood.current - 1 : stood.current;
    const next = approvals[Math.min(approvals.length - 1, Math.max(0, from + (key === 'j' ? 1 : -1)))];
    if (!next) return false;
    select(next.id);
    focusRow(next.id);
    return true;
  });
};
