import { useQuery } from '@tanstack/react-query';
import { CARDS } from '../approval/use-approvals.js';
import { api } from '../data/api.js';
import { APPROVALS, EXECUTIONS } from '../data/keys.js';
import { useMay } from '../session/use-me.js';
import type { Place } from './navigation.js';

const MOST = 100;

const shown = (page: { items: unknown[]; next_cursor?: string | null } | undefined): string | null => {
  if (!page || page.items.length === 0) return null;
  return page.next_cursor ? `${page.items.length}+` : String(page.items.length);
};

/** How much waits in each place, kept up by hints; null: nothing, or not known yet. */
export const useCounts = (): Record<NonNullable<Place['count']>, string | null> => {
  const approvals = useQuery({
    queryKey: [...APPROVALS, 'pending'],
    queryFn: () => api.approvals.list({ ...CARDS, limit: MOST }),
    enabled: useMay('approval.read'),
  });
  const executions = useQuery({
    queryKey: [...EXECUTIONS, 'live'],
    queryFn: () => api.executions.list({ phase: 'running', limit: MOST }),
    enabled: useMay('execution.read'),
  });
  return { 'pending approvals': shown(approvals.data), 'live executions': shown(executions.data) };
};
