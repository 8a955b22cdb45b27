import { describe, expect, it } from '@jest/globals';
import { executionFiltersOf, isFiltered, queryOf } from './execution-filters.rules.js';

describe('the filters in the URL of the list', () => {
  it.each([
    [{}, {}],
    [{ q: '  ' }, {}],
    [{ q: 42 }, { q: '42' }],
    [{ q: { $ne: 1 } }, {}],
    [{ q: 'x'.repeat(300) }, { q: 'x'.repeat(200) }],
    [{ phase: 'running' }, { phase: 'running' }],
    [{ phase: 'never' }, {}],
    [{ status: 'failed' }, { status: ['failed'] }],
    [{ status: ['failed', 'denied', 'gone', 7] }, { status: ['denied', 'failed'] }],
    [{ agent_id: 'tidy', approval: 'a' }, { agent_id: 'tidy' }],
  ])('%j are %j', (search, filters) => expect(executionFiltersOf(search)).toEqual(filters));

  it('are asked of the API as it takes them', () => {
    expect(queryOf({ q: ' tidy ', status: ['denied', 'failed'], phase: 'completed' })).toEqual({
      q: 'tidy',
      phase: 'completed',
      status: 'denied,failed',
    });
    expect(queryOf({})).toEqual({});
  });

  it('filter or do not', () => {
    expect(isFiltered(executionFiltersOf({ approval: 'a' }))).toBe(false);
    expect(isFiltered(executionFiltersOf({ phase: 'running' }))).toBe(true);
  });
});
