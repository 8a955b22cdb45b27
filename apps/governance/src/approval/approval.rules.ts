import type { governance, PrincipalKind, Role } from '#contracts';
import type { PolicyDecision, Tier } from '../policy/policy.types.js';
import type { ClaimRefusal, Refusal, VoteRefusal } from './approval.errors.js';

type ApprovalStatus = governance.ApprovalStatus;

export interface ApprovalTransition {
  from: ApprovalStatus;
  to: ApprovalStatus;
  by: 'approver' | 'requester' | 'clock' | 'executor';
}

/** Every way an approval's status may change; nothing else may change it. */
export const APPROVAL_TRANSITIONS: readonly ApprovalTransition[] = [
  { from: 'pending', to: 'approved', by: 'approver' },
  { from: 'pending', to: 'rejected', by: 'approver' },
  { from: 'pending', to: 'expired', by: 'clock' },
  { from: 'pending', to: 'withdrawn', by: 'requester' },
  { from: 'approved', to: 'claimed', by: 'executor' },
  { from: 'approved', to: 'expired', by: 'clock' },
];

export const INITIAL_APPROVAL_STATUS: ApprovalStatus = 'pending';

export const mayMoveApproval = (from: ApprovalStatus, to: ApprovalStatus): boolean =>
  APPROVAL_TRANSITIONS.some((transition) => transition.from === from && transition.to === to);

/** Which statuses an approval may come from to reach this one. */
export const approvalSources = (to: ApprovalStatus): ApprovalStatus[] =>
  APPROVAL_TRANSITIONS.filter((transition) => transition.to === to).map(({ from }) => from);

export const isTerminalApproval = (status: ApprovalStatus): boolean =>
  !APPROVAL_TRANSITIONS.some(({ from }) => from === status);

/** Different people who must approve. */
export const tierApprovers = (tier: Tier): 0 | 1 | 2 => (({ 1: 0, 2: 1, 3: 2 }) as const)[tier];

export interface Who {
  kind: PrincipalKind;
  id: string;
  name: string;
}

/** One path an action would change, as far as a claim compares it. */
export type SeenChange = Pick<governance.ChangePreview, 'path' | 'change' | 'before'>;

/** What the rules need to know of an approval's row. Times are milliseconds since 1970 on the database's clock. */
export interface ApprovalState {
  status: ApprovalStatus;
  /** Key and digest of the one action it is about, as it is now. */
  key: string;
  digest: string;
  /** Digest of the action as the agent asked for it; another one once it was edited. */
  asked_digest: string;
  is_edited: boolean;
  tier_needed: Tier;
  requested_by: Who;
  on_behalf_of: Who;
  /** Those about the action as it is now. */
  votes: readonly { person_id: string; decision: 'approve' | 'reject' }[];
  /** From this moment on the answer is no, and what was approved can no longer be claimed. */
  expires_at: number;
  claimed_key: string | null;
  /** What people saw it would change; empty when nothing could be foreseen. */
  preview: readonly SeenChange[];
}

export interface Reader extends Who {
  /** Whom the reader speaks for; mostly the reader again. */
  on_behalf_of: Who;
  /** Roles in the approval's team, as they are now. */
  roles: readonly Role[];
}

export interface Voter extends Reader {
  decision: 'approve' | 'reject';
  reason?: string | null;
  /** Digest of what the voter looked at; of an action nobody has edited it need not be said. */
  seen?: string;
}

/** What shows nothing: blanks, controls, and characters no screen draws. */
const NOTHING_TO_READ = /^[\s\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** A reason as it is kept; null: there is nothing to read in it, so it is none. */
export const reasonOf = ({ reason }: { reason?: string | null }): string | null =>
  !reason || NOTHING_TO_READ.test(reason) ? null : reason.trim().toWellFormed();

export type VoteJudgement =
  /** `pending`: the vote counts, more are needed. `approvers`: everybody who approved, this vote included. */
  | { kind: 'accepted'; status: 'pending' | 'approved' | 'rejected'; approvers: string[] }
  | ({ kind: 'refused' } & Refusal<VoteRefusal>);

export const mayApprove = ({ kind, roles }: Pick<Reader, 'kind' | 'roles'>): boolean =>
  kind === 'person' && (roles.includes('approver') || roles.includes('admin'));

/**
 * Whether two principals are the same person. A run may name the person behind it by id or by e-mail address alone, in
 * both fields, so any of the two may meet any of the two.
 */
export const isSamePerson = (one: Who, other: Who): boolean => {
  if (one.kind !== 'person' || other.kind !== 'person') return false;
  const names = (who: Who): string[] =>
    [who.id, who.name].filter((name) => name !== '').map((name) => name.toLowerCase());
  return names(one).some((name) => names(other).includes(name));
};

/** The people who approved, each once. */
export const approversOf = ({ votes }: Pick<ApprovalState, 'votes'>): string[] => [
  ...new Set(votes.filter(({ decision }) => decision === 'approve').map(({ person_id }) => person_id)),
];

/**
 * Why somebody cannot answer an approval, whatever the answer; null when they can. `now` in milliseconds on the database's
 * clock.
 */
export function voteObstacle(approval: ApprovalState, reader: Reader, now: number): VoteRefusal | null {
  const isReader = (who: Who): boolean => isSamePerson(who, reader) || isSamePerson(who, reader.on_behalf_of);

  if (!mayApprove(reader)) return 'approval.role_missing';
  if (isReader(approval.requested_by) || isReader(approval.on_behalf_of)) return 'approval.self_approval';
  if (approval.status === 'expired') return 'approval.expired';
  if (approval.status !== 'pending') return 'approval.not_pending';
  if (now >= approval.expires_at) return 'approval.expired';
  if (approval.votes.some(({ person_id }) => person_id === reader.id)) return 'approval.already_voted';
  return null;
}

/** What a vote does to an approval. One rejection decides; `now` in milliseconds on the database's clock. */
export function judgeVote(input: { approval: ApprovalState; voter: Voter; now: number }): VoteJudgement {
  const { approval, voter, now } = input;
  const code = voteObstacle(approval, voter, now);
  if (code) return { kind: 'refused', code };
  if (!isAsSeen(approval, voter)) return { kind: 'refused', ...notAsSeen(approval) };
  if (voter.decision === 'reject') {
    if (reasonOf(voter) === null) return { kind: 'refused', code: 'approval.reason_required' };
    return { kind: 'accepted', status: 'rejected', approvers: approversOf(approval) };
  }
  const approvers = [...approversOf(approval), voter.id];
  const complete = approvers.length >= tierApprovers(approval.tier_needed);
  return { kind: 'accepted', status: complete ? 'approved' : 'pending', approvers };
}

/** Of an action that nobody has edited the digest was never another one. */
export const notAsSeen = ({ digest, is_edited }: ApprovalState): Refusal<'approval.edited'> => ({
  code: 'approval.edited',
  digest,
  ...(!is_edited && { sentence: 'The digest is not that of the action there is; look at it as it is.' }),
});

/** A yes to edited arguments has to say that it saw them; a no may be about anything. */
const isAsSeen = ({ digest, is_edited }: ApprovalState, { decision, seen }: Voter): boolean =>
  seen === undefined ? !is_edited || decision === 'reject' : seen === digest;

/** Whether a repeated question is about the action that people were asked about, or another one under its key. */
export const isAboutAction = (approval: { asked_digest: string }, action: { digest: string }): boolean =>
  approval.asked_digest === action.digest;

interface KnownMember {
  user_id: string;
  role: Role | null;
  active: boolean;
}

/**
 * The approvers whose word still counts: those not known to be disabled, removed or without the role. A vote was checked
 * by the gateway when it was cast, so a person of whom nothing is known yet counts.
 */
export function stillApprovers(approvers: readonly string[], known: readonly KnownMember[]): string[] {
  const lost = known.filter(({ active, role }) => !active || (role !== 'approver' && role !== 'admin'));
  return approvers.filter((person) => !lost.some(({ user_id }) => user_id === person));
}

export interface ClaimInput {
  approval: ApprovalState;
  /** Key and digest of the action that is about to run. */
  key: string;
  digest: string;
  /** What the action would change as the workspace is now. */
  preview: readonly SeenChange[];
  /** Milliseconds on the database's clock. */
  now: number;
  /** Decided just now, under the epoch in force, counting `valid_approvers` only. */
  fresh: Pick<PolicyDecision, 'decision' | 'tier_needed'>;
  /** Of those who approved: the people who are still members, enabled and in the role. */
  valid_approvers: readonly string[];
}

export type ClaimJudgement =
  /** `repeated`: the same action had claimed it before; nothing is to be written. */
  { kind: 'ok'; approvers: string[]; repeated: boolean } | ({ kind: 'refused' } & Refusal<ClaimRefusal>);

/**
 * The first path that is not as people saw it; null when all are. What was there and could not be looked at in time when
 * they were asked has no digest: of that they knew only that it would change, and that is compared.
 */
export const changedSince = (seen: readonly SeenChange[], now: readonly SeenChange[]): string | null => {
  const isAsSeen = ({ path, change, before }: SeenChange): boolean => {
    const found = now.find((one) => one.path === path);
    return found?.change === change && (before === null || found.before === before);
  };
  return seen.find((one) => !isAsSeen(one))?.path ?? null;
};

/**
 * Whether an action may use an approval. One action key claims it, as often as it likes (a crash between claim and
 * intent loses nothing); policy has the last word every time.
 */
export function judgeClaim({
  approval,
  key,
  digest,
  preview,
  now,
  fresh,
  valid_approvers,
}: ClaimInput): ClaimJudgement {
  const refused = (code: ClaimRefusal): ClaimJudgement => ({ kind: 'refused', code });
  const repeated = approval.status === 'claimed';

  if (repeated && approval.claimed_key !== key) return refused('approval.claimed');
  const isAsAsked = digest === approval.asked_digest;
  if (approval.key !== key || (approval.digest !== digest && !isAsAsked)) return refused('approval.changed');
  if (approval.status === 'rejected') return refused('approval.rejected');
  if (approval.status === 'withdrawn') return refused('approval.withdrawn');
  if (approval.status === 'expired' || (!repeated && now >= approval.expires_at)) return refused('approval.expired');
  if (approval.status === 'pending') return refused('approval.pending');
  if (approval.digest !== digest) return { kind: 'refused', code: 'approval.edited', digest: approval.digest };
  const path = changedSince(approval.preview, preview);
  if (path !== null) return { kind: 'refused', code: 'approval.content_changed', path };

  const approvers = approversOf(approval).filter((person) => valid_approvers.includes(person));
  const enough = fresh.tier_needed !== null && approvers.length >= tierApprovers(fresh.tier_needed);
  if (fresh.decision !== 'allow' || !enough) return refused('approval.denied_now');
  return { kind: 'ok', approvers, repeated };
}
