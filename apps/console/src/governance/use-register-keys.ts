import type { Violation } from '#client/browser';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useSingleKeys } from '../approval/use-single-keys.js';
import { focusRow } from '../page/pick-list.js';

/** Enter keeps its own meaning on everything that can be pressed. */
const isFree = (target: EventTarget | null): boolean =>
  target === document.body || (target instanceof HTMLElement && target.dataset['pick'] !== undefined);

/** `j` and `k` move through the register, Enter opens the run of the one that is looked at. */
export const useRegisterKeys = (
  violations: readonly Violation[],
  selected: string | undefined,
  select: (id: string) => void,
): void => {
  const navigate = useNavigate();
  const at = violations.findIndex(({ id }) => id === selected);
  // Where the one that is looked at stood before it left the list: the one after it stands there now.
  const stood = useRef(0);
  useEffect(() => {
    if (at >= 0) stood.current = at;
  }, [at]);
  useSingleKeys((key, target) => {
    if (document.querySelector('[aria-modal="true"]')) return false;
    if (key === 'Enter' && at >= 0 && isFree(target)) {
      void navigate({ to: '/executions/$id', params: { id: violations[at]!.execution_id } });
      return true;
    }
    if (key !== 'j' && key !== 'k') return false;
    const from = at >= 0 ? at : key === 'j' ? stood.current - 1 : stood.current;
    const next = violations[Math.min(violations.length - 1, Math.max(0, from + (key === 'j' ? 1 : -1)))];
    if (!next) return false;
    select(next.id);
    focusRow(next.id);
    return true;
  });
};
