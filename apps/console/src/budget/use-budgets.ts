import type { Budget, Execution } from '#client/browser';
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { BUDGETS } from '../data/keys.js';
import { useMay } from '../session/use-me.js';
import { usePages } from '../table/use-pages.js';
import { isSpent } from './budget.rules.js';
import { type BudgetFilters, queryOf } from './budget-filters.rules.js';

const PAGE = 100;
const MOST = 200;

export const useBudgets = (filters: BudgetFilters) =>
  usePages([...BUDGETS, 'list', filters], (cursor) =>
    api.budgets.list({ ...queryOf(filters), limit: PAGE, ...(cursor && { cursor }) }),
  );

/** The budgets that keep a run from going on: its own, its agent's, its team's. */
export const useSpentBudgets = ({ id, agent_id }: Pick<Execution, 'id' | 'agent_id'>): UseQueryResult<Budget[]> =>
  useQuery({
    queryKey: [...BUDGETS, 'of execution', id],
    queryFn: async () => {
      const pages = await Promise.all([
        api.budgets.list({ scope: 'execution', target: id, limit: MOST }),
        api.budgets.list({ scope: 'agent', target: agent_id, limit: MOST }),
        api.budgets.list({ scope: 'team', limit: MOST }),
      ]);
      return pages.flatMap(({ items }) => items).filter(isSpent);
    },
    enabled: useMay('budget.read'),
  });

export const useBudgetChanged = (): (() => void) => {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: BUDGETS });
};
