import { governance } from '#contracts';
import type { PolicyDecision } from '../policy/policy.types.js';
import type { EditRefusal, Refusal } from './approval.errors.js';
import { type ApprovalState, notAsSeen, type Reader, tierApprovers, voteObstacle } from './approval.rules.js';

/** What an edit leaves as it was; arguments, and what follows from them, may become others. */
type Unedited = Pick<governance.DecideAction, 'agent_id' | 'agent_version' | 'tool' | 'workspace'>;

export interface EditInput {
  approval: ApprovalState;
  asked: Unedited;
  editor: Reader;
  /** Digest of what the editor looked at. */
  seen: string;
  /** Null: the run does not wait for it, or the arguments are not an action's. */
  edited: (Unedited & { key: string; digest: string }) | null;
  /** What policy says about the edited action, with nobody's approval counted. */
  fresh: Pick<PolicyDecision, 'decision' | 'tier_needed' | 'reasons'>;
  /** Milliseconds on the database's clock. */
  now: number;
}

export type EditJudgement =
  /** The editor's yes is the only one; `pending`: another one is needed. */
  { kind: 'accepted'; status: 'pending' | 'approved' } | ({ kind: 'refused' } & Refusal<EditRefusal>);

const ELSEWHERE: Refusal<EditRefusal> = {
  code: 'approval.not_editable',
  sentence:
    'The arguments cannot be edited: the agent runs elsewhere and would not be told. It can be rejected with a reason instead.',
};

/**
 * Whether a reviewer may put other arguments in the place of those asked for. Whoever asked may not, and an action that
 * policy denies, or wants more people for, is not reached by way of one that it does not. Who has voted may edit: the
 * edit voids every vote.
 */
export function judgeEdit({ approval, asked, editor, seen, edited, fresh, now }: EditInput): EditJudgement {
  const refused = (code: EditRefusal): EditJudgement => ({ kind: 'refused', code });
  const obstacle = voteObstacle({ ...approval, votes: [] }, editor, now);
  if (obstacle) return refused(obstacle);
  if (asked.agent_version === governance.EXTERNAL) return { kind: 'refused', ...ELSEWHERE };
  if (seen !== approval.digest) return { kind: 'refused', ...notAsSeen(approval) };
  if (!edited) return refused('approval.not_editable');
  if (edited.key !== approval.key || !isSameCall(asked, edited)) return refused('approval.changed');
  if (edited.digest === approval.digest) return refused('approval.unchanged');
  const needsMore = fresh.tier_needed === null || fresh.tier_needed > approval.tier_needed;
  if (fresh.decision === 'deny' || needsMore) {
    return { kind: 'refused', code: 'approval.edit_denied', reasons: fresh.reasons };
  }
  return { kind: 'accepted', status: tierApprovers(approval.tier_needed) > 1 ? 'pending' : 'approved' };
}

const isSameCall = (asked: Unedited, edited: Unedited): boolean =>
  asked.agent_id === edited.agent_id &&
  asked.agent_version === edited.agent_version &&
  asked.tool === edited.tool &&
  asked.workspace.id === edited.workspace.id &&
  asked.workspace.registered === edited.workspace.registered;
