import type { Member, Violation } from '#client/browser';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { MEMBERS, VIOLATIONS } from '../data/keys.js';
import { useMay, useMe } from '../session/use-me.js';
import { usePages } from '../table/use-pages.js';
import { queryOf, type ViolationFilters } from './violation-filters.rules.js';

const PAGE = 100;
const MOST_MEMBERS = 200;

export const useViolations = (filters: Omit<ViolationFilters, 'violation'>) => {
  const { user } = useMe();
  const asked = queryOf(filters, user.id);
  return usePages([...VIOLATIONS, 'list', asked], (cursor) =>
    api.violations.list({ ...asked, limit: PAGE, ...(cursor && { cursor }) }),
  );
};

const keyOf = (id: string) => [...VIOLATIONS, 'one', id] as const;

export const useViolation = (id: string) => useQuery({ queryKey: keyOf(id), queryFn: () => api.violations.get(id) });

/** What somebody has just changed, shown at once; every list of violations is read again. */
export const useViolationChanged = (): ((changed: Violation) => void) => {
  const queries = useQueryClient();
  return (changed) => {
    queries.setQueryData(keyOf(changed.id), changed);
    void queries.invalidateQueries({ queryKey: VIOLATIONS });
  };
};

const NOBODY: Member[] = [];

/** Who may own a violation, and what the owners' ids are called. */
export const useOwners = (): { members: Member[]; nameOf: (id: string) => string } => {
  const { team } = useMe();
  const { data } = useQuery({
    queryKey: [...MEMBERS, team, 'owners'],
    queryFn: () => api.members.list(team, { limit: MOST_MEMBERS }),
    enabled: useMay('member.read'),
  });
  const members = data?.items ?? NOBODY;
  return { members, nameOf: (id) => members.find((one) => one.id === id)?.name ?? `somebody (${id})` };
};
