import { describe, expect, it } from '@jest/globals';
import { isFiltered, queryOf, violationFiltersOf } from './violation-filters.rules.js';

const ID = '01900000-0000-7000-8000-000000000001';

describe('the filters of the register', () => {
  it.each([
    [{}, {}],
    [{ status: 'open' }, {}],
    [
      { status: 'any', severity: 'high', type: 'spec' },
      { status: 'any', severity: 'high', type: 'spec' },
    ],
    [{ status: 'lost', severity: 'mild', type: 'mood', owner: 'ada', violation: '1' }, {}],
    [
      { owner: 'me', agent: 42 },
      { owner: 'me', agent: '42' },
    ],
    [
      { owner: ID, violation: ID },
      { owner: ID, violation: ID },
    ],
  ])('%j in the address is %j', (search, filters) => expect(violationFiltersOf(search)).toEqual(filters));

  it.each([
    [{}, { status: 'open' }],
    [{ status: 'any' }, {}],
    [
      { owner: 'me', type: 'contract' },
      { status: 'open', owner: ID, violation_type: 'contract' },
    ],
    [
      { status: 'fixed', severity: 'low', agent: 'tidy' },
      { status: 'fixed', severity: 'low', agent_id: 'tidy' },
    ],
  ] as const)('%j asks the API for %j', (filters, query) => expect(queryOf(filters, ID)).toEqual(query));

  it('do not count what is looked at', () => {
    expect(isFiltered({ violation: ID })).toBe(false);
    expect(isFiltered({ violation: ID, status: 'any' })).toBe(true);
  });
});
