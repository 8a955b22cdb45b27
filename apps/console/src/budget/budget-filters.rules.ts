import type { Budget, ListBudgets } from '#client/browser';

export const SCOPES = ['team', 'agent', 'execution'] as const satisfies readonly Budget['scope'][];

export interface BudgetFilters {
  scope?: Budget['scope'];
  target?: string;
}

const MOST_CHARACTERS = 200;

/** The filters of the list as they stand in the page's URL; a target is one of a scope. */
export const budgetFiltersOf = ({ scope, target }: Record<string, unknown>): BudgetFilters => {
  const known = SCOPES.find((one) => one === scope);
  // An agent whose name is digits alone comes out of a URL as a number.
  const named = typeof target === 'number' ? String(target) : target;
  return {
    ...(known && { scope: known }),
    ...(known && known !== 'team' && typeof named === 'string' && named && { target: named.slice(0, MOST_CHARACTERS) }),
  };
};

/** What the API is asked for. */
export const queryOf = ({ scope, target }: BudgetFilters): ListBudgets => ({
  ...(scope && { scope }),
  ...(target && { target }),
});
