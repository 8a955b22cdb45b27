import type { Approval } from '#client/browser';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { APPROVALS, EXECUTION } from '../data/keys.js';
import { usePages } from '../table/use-pages.js';
import { byDeadline } from './approval.rules.js';

const PAGE = 100;
/** More are not waited for together; the inbox says so. */
const MOST_PENDING = 1_000;
const SOON_MS = 2_000;

export const approvalKey = (id: string) => [...APPROVALS, 'one', id] as const;

const isOverdue = (approvals: readonly Approval[] | undefined): boolean =>
  approvals?.some(({ expires_at }) => Date.parse(expires_at) <= Date.now()) ?? false;

const pendingOf = (approval: Approval | undefined): Approval[] => (approval?.status === 'pending' ? [approval] : []);

/** One approval with its preview. */
export const useApproval = (id: string) =>
  useQuery({
    queryKey: approvalKey(id),
    queryFn: () => api.approvals.get(id),
    refetchInterval: ({ state }) => (isOverdue(pendingOf(state.data)) ? SOON_MS : false),
  });

/** Identical requests are one card. */
export const CARDS = { status: 'pending', group: 'digest' } as const;

const readPending = async (): Promise<Approval[]> => {
  const found: Approval[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await api.approvals.list({ ...CARDS, limit: PAGE, ...(cursor && { cursor }) });
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && found.length < MOST_PENDING);
  return byDeadline(found);
};

/**
 * What waits for an answer, the nearest deadline first; identical requests once. Which deadlines have passed is the server's to say: while one
 * looks passed it is asked again and again.
 */
export const usePending = (enabled: boolean) =>
  useQuery({
    queryKey: [...APPROVALS, 'inbox', 'pending'],
    queryFn: readPending,
    refetchInterval: ({ state }) => (isOverdue(state.data) ? SOON_MS : false),
    enabled,
  });

/** Everything people were asked, newest first. */
export const useAsked = () =>
  usePages([...APPROVALS, 'inbox', 'all'], (cursor) => api.approvals.list({ limit: PAGE, ...(cursor && { cursor }) }));

/** Makes stale whatever an answer changes. */
export const useAnswered = () => {
  const queries = useQueryClient();
  return (approval: Pick<Approval, 'id' | 'execution_id'>, answer?: Approval): void => {
    if (answer) queries.setQueryData(approvalKey(approval.id), answer);
    void queries.invalidateQueries({ queryKey: APPROVALS });
    void queries.invalidateQueries({ queryKey: [...EXECUTION, approval.execution_id] });
  };
};
