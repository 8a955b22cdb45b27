import { expect, it } from '@jest/globals';
import { budgetFiltersOf, queryOf } from './budget-filters.rules.js';

it.each([
  [{}, {}],
  [
    { scope: 'agent', target: 'tidy' },
    { scope: 'agent', target: 'tidy' },
  ],
  [
    { scope: 'agent', target: 42 },
    { scope: 'agent', target: '42' },
  ],
  [{ scope: 'team', target: 'tidy' }, { scope: 'team' }],
  [{ scope: 'planet', target: 'tidy' }, {}],
  [{ target: 'tidy' }, {}],
])('%j in the address asks for %j', (search, filters) => {
  expect(budgetFiltersOf(search)).toEqual(filters);
  expect(queryOf(filters as never)).toEqual(filters);
});
