import { type executor, governance, type prediction } from '#contracts';
import type { ActionStatus } from '../action/action.rules.js';

/** The driver of an action that an agent elsewhere does itself: each is an execution of its own, with one step. */
export const { EXTERNAL } = governance;
export const DEFAULT_AGENT = EXTERNAL;

/** What is asked about; sealed with the action, so that whoever goes on after a crash asks about the same. */
export interface Proposal {
  /** `<name>@v<n>` */
  tool: string;
  effects: prediction.ToolEffects;
  arguments: Record<string, unknown>;
  target: Record<string, string | string[]>;
  paths: string[];
}

/** What the agent may do, by where its record stands; null: nothing is decided yet. */
export const decisionOf = ({
  status,
  decided,
}: {
  status: executor.ExecutionStatus;
  decided: unknown;
}): 'allow' | 'ask' | 'deny' | null => {
  switch (status) {
    case 'unverifiable':
    case 'succeeded':
      return 'allow';
    case 'awaiting_approval':
      return 'ask';
    case 'paused':
      return decided ? 'ask' : null;
    case 'submitted':
    case 'queued':
    case 'running':
    case 'verifying':
      return null;
    case 'denied':
    case 'rolled_back':
    case 'partially_rolled_back':
    case 'rollback_failed':
    case 'failed':
    case 'cancelled':
    case 'expired':
      return 'deny';
  }
};

/** The next move of a record that has not ended. */
export type Move = 'decide' | 'end_denied' | 'cancel' | 'redeem' | 'hand_over' | 'finish';

/** `isToEnd`: people want it to end. */
export const moveOf = (
  execution: { status: executor.ExecutionStatus; ending: object | null },
  action: { status: ActionStatus },
  isToEnd: boolean,
): Move => {
  if (execution.ending) return 'finish';
  if (action.status === 'denied' || action.status === 'refused') return 'end_denied';
  if (action.status === 'kept') return 'finish';
  if (isToEnd) return 'cancel';
  if (action.status === 'proposed') return 'decide';
  return action.status === 'awaiting_approval' ? 'redeem' : 'hand_over';
};

const FLAGS = ['read_sensitive', 'read_untrusted', 'external_send_pending', 'secrets_used'] as const;

export const joined = (one: governance.Taint, other: governance.Taint): governance.Taint => ({
  read_sensitive: one.read_sensitive || other.read_sensitive,
  read_untrusted: one.read_untrusted || other.read_untrusted,
  external_send_pending: one.external_send_pending || other.external_send_pending,
  secrets_used: one.secrets_used || other.secrets_used,
});

/** Whether a decision made under `decided` holds under `now`: nothing has been met since. */
export const covers = (decided: governance.Taint, now: governance.Taint): boolean =>
  FLAGS.every((flag) => decided[flag] || !now[flag]);

/** What is said of an action whose policy would no longer decide as it did. */
export const CHANGED = {
  code: 'action.denied',
  message: 'What the agent has met since then changes the decision; it has to ask again.',
};

export const PAUSED_REASON = 'A person has paused it.';

interface Asked {
  step: number;
  index: number;
  digest: string | null;
  predicted: executor.PredictedFact | null;
}

type Standing = Pick<executor.ExecutionView, 'id' | 'status' | 'failure'> & { decided: executor.DecidedFact | null };

export const answerOf = (
  { id, status, failure, decided }: Standing,
  action: Asked,
  decision: 'allow' | 'ask' | 'deny',
): executor.LoopAnswer => {
  const isOpen = decision === 'ask';
  const no = decision === 'deny' && failure ? [failure.message] : [];
  return {
    execution_id: id,
    key: `${id}/${action.step}/${action.index}`,
    digest: action.digest!,
    decision,
    status,
    tier_needed: decided?.tier_needed ?? null,
    determining_policies: decided?.determining_policies ?? [],
    policy_epoch: decided?.policy_epoch ?? null,
    reasons: [...new Set([...no, ...(status === 'paused' ? [PAUSED_REASON] : []), ...(decided?.reasons ?? [])])],
    approval_id: isOpen ? (decided?.approval_id ?? null) : null,
    expires_at: isOpen ? (decided?.expires_at ?? null) : null,
    approvers: decided?.approvers ?? [],
    risk: action.predicted?.risk ?? null,
    findings: action.predicted?.findings ?? [],
    failure: decision === 'deny' ? failure : null,
  };
};
