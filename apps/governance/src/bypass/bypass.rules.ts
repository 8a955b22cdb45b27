import type { governance } from '#contracts';
import { isSamePerson, stillApprovers, type Who } from '../approval/approval.rules.js';
import type { Tier } from '../policy/policy.types.js';

export interface BypassLimits {
  hours: number;
  uses: number;
}

const MINUTES_PER_HOUR = 60;

/** What of a new bypass goes beyond what this installation allows, located. */
export const limitProblems = (
  { minutes, uses }: Pick<governance.AddBypass, 'minutes' | 'uses'>,
  limits: BypassLimits,
): { path: string; message: string }[] => [
  ...(minutes > limits.hours * MINUTES_PER_HOUR
    ? [{ path: '/minutes', message: `must be at most ${limits.hours * MINUTES_PER_HOUR} in this installation` }]
    : []),
  ...(uses > limits.uses ? [{ path: '/uses', message: `must be at most ${limits.uses} in this installation` }] : []),
];

/** What the rules need to know of a bypass. Times are milliseconds since 1970 on the database's clock. */
export interface BypassState {
  uses: number;
  used: number;
  expires_at: number;
  is_revoked: boolean;
}

export const bypassStatus = (bypass: BypassState, now: number): governance.BypassStatus => {
  if (bypass.is_revoked) return 'revoked';
  if (bypass.used >= bypass.uses) return 'used_up';
  return now >= bypass.expires_at ? 'expired' : 'active';
};

/** It stands in for one approver; two people are not replaced by the word of one, and a denial by nothing. */
export const mayBeBypassed = ({ decision, tier_needed }: { decision: string; tier_needed: Tier | null }): boolean =>
  decision === 'ask' && tier_needed === 2;

/** What the approver of a bypass has seen ask. */
export interface Seen {
  agent_version: string | null;
  held: boolean | null;
  requested_by: Pick<Who, 'kind' | 'id'> | null;
}

/**
 * Whether an action is of what the approver has seen ask, beyond the name its agent goes by. Without a hold nothing stands
 * behind that name but whoever speaks for it, so the principal has to be the same, too.
 */
export const isOfSubject = (
  seen: Seen,
  { agent_version, held }: Pick<governance.DecideAction, 'agent_version' | 'held'>,
  { kind, id }: Pick<Who, 'kind' | 'id'>,
): boolean =>
  seen.agent_version === agent_version &&
  seen.held === held &&
  (held || (seen.requested_by?.kind === kind && seen.requested_by.id === id));

export interface Requester {
  principal: Who;
  on_behalf_of: Who;
}

/**
 * Whether the word of whoever gave a bypass counts for this action: an approver never for their own, and not once they
 * were disabled, removed or lost the role. `known`: what is known of the giver.
 */
export const countsFor = (
  giver: Who,
  { principal, on_behalf_of }: Requester,
  known: Parameters<typeof stillApprovers>[1],
): boolean =>
  !isSamePerson(giver, principal) &&
  !isSamePerson(giver, on_behalf_of) &&
  stillApprovers([giver.id], known).length === 1;
