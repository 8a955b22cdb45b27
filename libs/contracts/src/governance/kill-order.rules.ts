import { sha256 } from '#kernel';
import type { KillOrder } from './kill-switch.js';

/** What wants to run. A run as a whole has no tool but that of its submission. */
export interface KillSubject {
  team: string;
  agent_id: string;
  /** Name of the playbook it follows, whose agent goes by that name wherever none is named; none of an agent elsewhere. */
  playbook?: string | null;
  /** `<name>@v<n>` */
  tool: string;
  /** Null: a run that is yet to come, and so one that a release by stages may not let in. */
  execution_id: string | null;
}

const SHARE_BITS = 32;

/** Where a run falls in 0..1; the same for every process, and another for every switch. */
const placeOf = (order: KillOrder, execution_id: string | null): number =>
  execution_id === null
    ? 1
    : Number.parseInt(
        sha256(`${order.id}/${execution_id}`)
          .slice('sha256:'.length)
          .slice(0, SHARE_BITS / 4),
        16,
      ) /
      2 ** SHARE_BITS;

export const isInScope = (
  order: Pick<KillOrder, 'scope' | 'team' | 'target'>,
  subject: Omit<KillSubject, 'execution_id'>,
): boolean => {
  if (order.team !== null && order.team !== subject.team) return false;
  switch (order.scope) {
    case 'all':
    case 'team':
      return true;
    case 'agent':
      return order.target === subject.agent_id || order.target === subject.playbook;
    case 'tool':
      return order.target === subject.tool || order.target === subject.tool.replace(/@v\d+$/, '');
  }
};

/** The switch that refuses a subject; null: none does. Governance and executors both ask this function. */
export const orderAgainst = (orders: readonly KillOrder[], subject: KillSubject): KillOrder | null =>
  orders.find(
    (order) =>
      !order.rehearsal &&
      isInScope(order, subject) &&
      !(order.status === 'releasing' && placeOf(order, subject.execution_id) < order.admitted_share),
  ) ?? null;

const WHAT: Record<KillOrder['scope'], (target: string) => string> = {
  all: () => 'everything',
  team: () => 'the team',
  agent: (target) => `the agent ${target}`,
  tool: (target) => `the tool ${target}`,
};

/** Why a run ended that had begun, or waited, for people. */
export const stopText = ({ id, scope, target, reason, requested_by }: KillOrder): string =>
  `The run was stopped by the kill switch for ${WHAT[scope](target)} (${id}, set by ${requested_by.name}): ${reason}`;

/** Why it refuses, for people. */
export const refusalText = ({ id, scope, target, status, reason, requested_by }: KillOrder): string => {
  const state = status === 'engaged' ? 'is engaged' : 'is being released by stages, and this run is not let in yet';
  return `The kill switch for ${WHAT[scope](target)} ${state} (${id}, set by ${requested_by.name}): ${reason}`;
};
