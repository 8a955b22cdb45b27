import { type CallContext, type Fact, factSubject, governance, parseMessage } from '#contracts';
import { AppError, digestOf, type JsonValue, uuidv7 } from '#kernel';
import { Bus } from '#messaging';
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
  /** The edited action that was approved in its place, and by whom. */
  edited?: { request: Request; by: CallContext };
  status: 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn';
  expires_at: string;
}

/** Governance by its contract alone: decisions by a function, approvals in memory, facts on the real stream. */
export interface Governance extends Answering {
  policy: (request: Request) => Decision;
  /** Every question it was asked, in order. */
  requests: Request[];
  asked: Asked[];
  /** Edits as they came, oldest first; null: of something that does not wait. */
  edits: governance.EditApproval[];
  /** Ids of the approvals that were redeemed, in order. */
  claimed: string[];
  /** What it says beside every decision is not covered by it. */
  guarded: string[];
  /** How long an approval it makes from now on stays open. */
  deadlineMs: number;
  /** What a reservation is answered; default: no budget. */
  budget: (request: governance.ReserveBudget) => Partial<governance.BudgetReservation>;
  /** What was settled, by key. */
  spent: Map<string, governance.BudgetAmounts>;
  /** Tells that a limit has changed. */
  changeBudget(ctx: CallContext): Promise<void>;
  /** What executors are told when they report; `silent`: nothing. */
  kills: governance.KillState | 'silent';
  /** What they reported last, by process. */
  reports: Map<string, governance.ReportExecutor>;
  /**
   * Decides an approval and tells so by a fact, as its relay does; `tell: false` loses the fact. `show`: also by the view
   * that comes before it.
   */
  decide(
    approval: Asked,
    status: Exclude<Asked['status'], 'pending'>,
    options?: { tell?: boolean; show?: boolean },
  ): Promise<void>;
  /** Engages switches, and tells so live. */
  kill(...orders: Partial<governance.KillOrder>[]): void;
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
  runs_elsewhere: request.agent_version === governance.EXTERNAL,
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
  edited_by: null,
  edits: [],
  same_as: [],
  requested_at: new Date(Date.parse(expires_at) - 60_000).toISOString(),
  expires_at,
  decided_at: null,
  escalated_at: null,
  can_decide: false,
  cannot_decide_because: null,
});

const orderOf = (epoch: number): governance.KillOrder => ({
  id: uuidv7(),
  scope: 'all',
  team: null,
  target: '',
  status: 'engaged',
  rehearsal: false,
  admitted_share: 0,
  epoch,
  reason: 'of a test',
  requested_by: person('stopper'),
});

export const startGovernance = async (platform: Platform): Promise<Governance> => {
  const { connection, answering } = await open(platform, 'governance');
  const publish = async <B extends object>(
    about: Fact<B>,
    aggregate_id: string,
    ctx: CallContext,
    body: B,
  ): Promise<void> => {
    const { subject: type } = about;
    const at = new Date().toISOString();
    const fact = { id: uuidv7(), type, team: ctx.team, aggregate_id, version: 1, at, body };
    const options = { msgID: fact.id, headers: headersOf(ctx) };
    await jetstream(connection).publish(factSubject(about), JSON.stringify(fact), options);
  };
  const self: Governance = {
    ...answering,
    policy: () => 'allow',
    requests: [],
    asked: [],
    edits: [],
    claimed: [],
    guarded: [],
    deadlineMs: 60_000,
    budget: () => ({}),
    spent: new Map(),
    kills: { epoch: 1, orders: [] },
    reports: new Map(),
    kill: (...orders) => {
      const epoch = (self.kills === 'silent' ? 1 : self.kills.epoch) + 1;
      self.kills = { epoch, orders: orders.map((order) => ({ ...orderOf(epoch), ...order })) };
      const { subject } = governance.killStateChanged;
      connection.publish(`live.${subject}.${governance.EVERY_TEAM}`, JSON.stringify(self.kills));
    },
    decide: async (approval, status, { tell = true, show = false } = {}) => {
      approval.status = status;
      if (show) {
        const { execution_id } = approval.request;
        const body = { team: approval.ctx.team, approval_id: approval.id, execution_id, status };
        new Bus(connection).show(governance.approvalAnswered, [body.team, execution_id], body);
      }
      if (!tell) return;
      const { execution_id, step, index } = approval.request;
      const by = status === 'approved' || status === 'rejected' ? [approver] : [];
      const body = { approval_id: approval.id, execution_id, step, index, status, by, reason: null };
      parseMessage(governance.ApprovalDecided, body);
      await publish(governance.approvalDecided, approval.id, approval.ctx, body);
    },
    changeBudget: (ctx) => {
      const id = uuidv7();
      const body = {
        budget_id: id,
        scope: 'team' as const,
        target: '',
        dimension: 'steps' as const,
        soft: null,
        hard: null,
      };
      return publish(governance.budgetChanged, id, ctx, body);
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
      guarded: [...self.guarded],
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
  answer(connection, governance.approval.edit, async (input, ctx) => {
    self.edits.push(input);
    const approval = found(input.id);
    if (!input.request) throw new AppError('approval.not_editable', 'No run waits for it.');
    approval.edited = { request: input.request, by: ctx };
    await self.decide(approval, 'approved');
    return viewOf(approval);
  });
  answer(connection, governance.approval.claim, async ({ id, request }) => {
    const approval = found(id);
    const { digest } = approval.edited?.request ?? approval.request;
    if (keyOf(approval.request) !== keyOf(request) || ![digest, approval.request.digest].includes(request.digest)) {
      throw new AppError('approval.changed', 'The action is not the one that was put to people.');
    }
    if (approval.status !== 'approved') throw new AppError(refusals[approval.status], `It is ${approval.status}.`);
    if (request.digest !== digest) throw new AppError('approval.edited', 'It was edited.', { details: { digest } });
    self.claimed.push(id);
    const edited_by = approval.edited?.by.principal ?? null;
    return {
      approvers: [edited_by ?? approver],
      policy_epoch: 8,
      guarded: [...self.guarded],
      sensitive: false,
      edited_by,
    };
  });
  answer(connection, governance.budget.reserve, async (request) => ({
    ...{ granted: true, amounts: request.amounts, limited: [], warnings: [], exhausted: null },
    ...self.budget(request),
  }));
  answer(connection, governance.budget.settle, async ({ items }) => {
    for (const { key, used } of items) self.spent.set(key, used);
    return { settled: items.length };
  });
  answer(connection, governance.killSwitch.report, async (report) => {
    self.reports.set(report.replica, report);
    if (self.kills === 'silent')
      throw new AppError('service.unavailable', 'The test says nothing.', { retryable: true });
    const { epoch } = self.kills;
    return { epoch, state: epoch === report.epoch ? null : self.kills };
  });
  await connection.flush();
  return self;
};
