import type { ListViolations, Violation } from '#client/browser';
import { SEVERITIES, STATUSES, TYPES } from './violation.rules.js';

/** Of an owner filter: those of whoever looks. */
export const MINE = 'me';

export interface ViolationFilters {
  /** `any`: every one; absent: the open ones. */
  status?: Violation['status'] | 'any';
  severity?: Violation['severity'];
  type?: Violation['violation_type'];
  /** User id, or `me`. */
  owner?: string;
  agent?: string;
  /** The one that is looked at; no filter. */
  violation?: string;
}

const MOST_CHARACTERS = 200;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | undefined =>
  known.find((one) => one === value);

const idOf = (value: unknown): string | undefined =>
  typeof value === 'string' && UUID.test(value) ? value : undefined;

/** The filters of the register as they stand in the page's URL; what is none of them is left out. */
export const violationFiltersOf = (search: Record<string, unknown>): ViolationFilters => {
  const named = typeof search['agent'] === 'number' ? String(search['agent']) : search['agent'];
  const status = oneOf([...STATUSES, 'any'] as const, search['status']);
  const found = {
    status: status === 'open' ? undefined : status,
    severity: oneOf(SEVERITIES, search['severity']),
    type: oneOf(TYPES, search['type']),
    owner: search['owner'] === MINE ? MINE : idOf(search['owner']),
    agent: typeof named === 'string' && named ? named.slice(0, MOST_CHARACTERS) : undefined,
    violation: idOf(search['violation']),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};

/** What the API is asked for. `me`: user id of whoever asks. */
export const queryOf = (
  { status = 'open', severity, type, owner, agent }: Omit<ViolationFilters, 'violation'>,
  me: string,
): ListViolations => ({
  ...(status !== 'any' && { status }),
  ...(severity && { severity }),
  ...(type && { violation_type: type }),
  ...(owner && { owner: owner === MINE ? me : owner }),
  ...(agent && { agent_id: agent }),
});

export const isFiltered = ({ violation: _looked, ...filters }: ViolationFilters): boolean =>
  Object.keys(filters).length > 0;
