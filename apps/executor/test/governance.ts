import { type CallContext, factSubject, governance, parseMessage } from '#contracts';
import { AppError, digestOf, type JsonValue, uuidv7 } from '#kernel';
import type { Platform } from '#service';
import { person } from '#testing';
import { jetstream } from '@nats-io/jetstream';
import { answer, type Answering, headersOf, open } from './answering.js';

type Request = governance.DecideAction;
export type Decision = 'allow' | 'ask' | 'deny';

interface Asked {
  id: string;
  ctx: CallContext;
  request: Request;
  status: 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn';
  expires_at: string;
}

/** Governance by its contract alone: decisions by a function, approvals in memory, facts on the real stream. */
export interface Governance extends Answering {
  policy: (request: Request) => Decision;
  /** Every question it was asked, in order. */
  requests: Request[];
  asked: Asked[];
  /** Ids of the approvals that were redeemed, in order. */
  claimed: string[];
  /** How long an approval it makes from now on stays open. */
  deadlineMs: number;
  /** Decides an approval and tells so by a fact, as its relay does; `tell: false` loses the fact. */
  decide(approval: Asked, status: Exclude<Asked['status'], 'pending'>, options?: { tell?: boolean }): Promise<void>;
}

const keyOf = ({ execution_id, step, index }: Request): string => `${execution_id}/${step}/${index}`;
const refusals = {
  pending: 'approval.pending',
  rejected: 'approval.rejected',
  expired: 'approval.expired',
  withdrawn: 'approval.withdrawn',
};

const viewOf = ({ id, ctx, request, status, expires_at }: Asked): governance.ApprovalView => ({
  id,
  status,
  execution_id: request.execution_id,
  step: request.step,
  index: request.index,
  digest: request.digest,
  agent_id: request.agent_id,
  tool: request.tool,
  arguments: request.arguments,
  target: request.target,
  risk: request.risk ?? null,
  task_description: null,
  preview: null,
  tier_needed: 2,
  approvers_needed: 1,
  determining_policies: ['of-a-test'],
  policy_epoch: 7,
  reasons: [],
  requested_by: ctx.principal,
  on_behalf_of: ctx.on_behalf_of,
  votes: [],
  requested_at: new Date(Date.parse(expires_at) - 60_000).toISOString(),
  expires_at,
  decided_at: null,
  can_decide: false,
  cannot_decide_because: null,
});

export const startGovernance = async (platform: Platform): Promise<Governance> => {
  const { connection, answering } = await open(platform, 'governance');
  const self: Governance = {
    ...answering,
    policy: () => 'allow',
    requests: [],
    asked: [],
    claimed: [],
    deadlineMs: 60_000,
    decide: async (approval, status, { tell = true } = {}) => {
      approval.status = status;
      if (!tell) return;
      const { execution_id, step, index } = approval.request;
      const by = status === 'approved' || status === 'rejected' ? [approver] : [];
      const body = { approval_id: approval.id, execution_id, step, index, status, by, reason: null };
      parseMessage(governance.ApprovalDecided, body);
      const { subject: type } = governance.approvalDecided;
      const { team } = approval.ctx;
      const fact = {
        id: uuidv7(),
        type,
        team,
        aggregate_id: approval.id,
        version: 1,
        at: new Date().toISOString(),
        body,
      };
      const headers = headersOf(approval.ctx);
      await jetstream(connection).publish(factSubject(governance.approvalDecided), JSON.stringify(fact), {
        msgID: fact.id,
        headers,
      });
    },
  };
  const approver = person('approver');
  const approvalOf = (ctx: CallContext, request: Request): Asked => {
    const known = self.asked.find(
      (one) => keyOf(one.request) === keyOf(request) && one.request.digest === request.digest,
    );
    if (known) return known;
    const expires_at = new Date(Date.now() + self.deadlineMs).toISOString();
    const made: Asked = { id: uuidv7(), ctx, request, status: 'pending', expires_at };
    self.asked.push(made);
    return made;
  };
  answer(connection, governance.action.decide, async (request, ctx) => {
    self.requests.push(request);
    const decision = self.policy(request);
    const approval = decision === 'ask' ? approvalOf(ctx, request) : null;
    return {
      decision,
      tier_needed: decision === 'ask' ? (2 as const) : decision === 'allow' ? (1 as const) : null,
      determining_policies: ['of-a-test'],
      policy_epoch: 7,
      input_digest: digestOf(JSON.parse(JSON.stringify(request)) as JsonValue),
      guarded: [] as string[],
      reasons: decision === 'allow' ? [] : [`The test says ${decision}.`],
      approval_id: approval?.id ?? null,
      expires_at: approval?.expires_at ?? null,
    };
  });
  const found = (id: string): Asked => {
    const approval = self.asked.find((one) => one.id === id);
    if (!approval) throw new AppError('approval.not_found', 'There is no such approval.');
    if (approval.status === 'pending' && Date.parse(approval.expires_at) <= Date.now()) approval.status = 'expired';
    return approval;
  };
  answer(connection, governance.approval.get, async ({ id }) => viewOf(found(id)));
  answer(connection, governance.approval.claim, async ({ id, request }) => {
    const approval = found(id);
    if (keyOf(approval.request) !== keyOf(request) || approval.request.digest !== request.digest) {
      throw new AppError('approval.changed', 'The action is not the one that was put to people.');
    }
    if (approval.status !== 'approved') throw new AppError(refusals[approval.status], `It is ${approval.status}.`);
    self.claimed.push(id);
    return { approvers: [approver], policy_epoch: 8 };
  });
  await connection.flush();
  return self;
};
