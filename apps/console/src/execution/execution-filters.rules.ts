import type { ExecutionStatus, ListExecutions } from '#client/browser';
import { STATUSES } from './status.rules.js';

export interface ExecutionFilters {
  q?: string;
  phase?: 'running' | 'completed';
  status?: ExecutionStatus[];
  agent_id?: string;
}

const MOST_CHARACTERS = 200;

const text = (value: unknown): string | undefined => {
  // A search of digits alone comes out of a URL as a number.
  const said = typeof value === 'number' ? String(value) : value;
  return typeof said === 'string' && said.trim() !== '' ? said.slice(0, MOST_CHARACTERS) : undefined;
};

const statuses = (value: unknown): ExecutionStatus[] => {
  const named: unknown[] = Array.isArray(value) ? value : [value];
  return STATUSES.filter((status) => named.includes(status));
};

/** The filters of the list as they stand in the page's URL; what is none of them is left out. */
export const executionFiltersOf = (search: Record<string, unknown>): ExecutionFilters => {
  const { q, phase, status, agent_id } = search;
  const known = statuses(status);
  return {
    ...(text(q) && { q: text(q) }),
    ...((phase === 'running' || phase === 'completed') && { phase }),
    ...(known.length > 0 && { status: known }),
    ...(text(agent_id) && { agent_id: text(agent_id) }),
  };
};

/** What the API is asked for. */
export const queryOf = ({ q, phase, status, agent_id }: ExecutionFilters): ListExecutions => ({
  ...(q && { q: q.trim() }),
  ...(phase && { phase }),
  ...(status && { status: status.join(',') }),
  ...(agent_id && { agent_id }),
});

export const isFiltered = (filters: ExecutionFilters): boolean => Object.keys(filters).length > 0;
