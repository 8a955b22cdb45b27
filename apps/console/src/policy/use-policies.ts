import type { Policy, PolicyOverview } from '#client/browser';
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { POLICIES } from '../data/keys.js';
import { usePages } from '../table/use-pages.js';
import { paceMs } from './policy.rules.js';

const PAGE = 50;
const ASKED_MS = 3_000;

/** What is in force, which processes decide by it, and the newest that was written. */
export const useOverview = (): UseQueryResult<PolicyOverview> =>
  useQuery({
    queryKey: [...POLICIES, 'overview'],
    queryFn: () => api.policies.overview({ limit: PAGE }),
    refetchInterval: ({ state }) => paceMs(state.data),
  });

/** Everything that was written, newest first. */
export const useHistory = () =>
  usePages([...POLICIES, 'list'], (cursor) => api.policies.overview({ limit: PAGE, ...(cursor && { cursor }) }));

const keyOf = (id: string | null) => [...POLICIES, 'one', id] as const;

/** One bundle; while people are asked about it, it is looked at again: a vote has no hint. Null: none. */
export const usePolicy = (id: string | null): UseQueryResult<Policy> =>
  useQuery({
    queryKey: keyOf(id),
    queryFn: () => api.policies.get(id!),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data?.status === 'awaiting_approval' ? ASKED_MS : false),
  });

/** What somebody has just changed, shown at once; whatever else is known of policies is read again. */
export const usePolicyChanged = (): ((changed: Policy) => Policy) => {
  const queries = useQueryClient();
  return (changed) => {
    queries.setQueryData(keyOf(changed.id), changed);
    void queries.invalidateQueries({ queryKey: POLICIES });
    return changed;
  };
};
