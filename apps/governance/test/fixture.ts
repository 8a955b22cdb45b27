import type { CallContext, executor, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Bus, Heard } from '#messaging';
import { FactLog, FactSignal, type Tx } from '#persistence';
import { openTestDatabase, person, type TestDatabase } from '#testing';
import { expect } from '@jest/globals';
import { ActionPolicy } from '../src/action/action.policy.js';
import { ActionService } from '../src/action/action.service.js';
import { DecisionRecorder } from '../src/action/decision.recorder.js';
import { ApprovalDeadlineWorker } from '../src/approval/approval-deadline.worker.js';
import { ApprovalChanges } from '../src/approval/approval.changes.js';
import { ApprovalEscalationWorker } from '../src/approval/approval-escalation.worker.js';
import { ApprovalReader } from '../src/approval/approval.reader.js';
import { ApprovalRepository } from '../src/approval/approval.repository.js';
import { ApprovalService } from '../src/approval/approval.service.js';
import { BudgetRepository } from '../src/budget/budget.repository.js';
import { BypassRepository } from '../src/bypass/bypass.repository.js';
import { BypassService } from '../src/bypass/bypass.service.js';
import { governance as definition } from '../src/definition.js';
import { governanceEnv } from '../src/env.js';
import { approver, deletion, runContext } from './asked.js';
import { KillStateWorker } from '../src/kill-switch/kill-state.worker.js';
import { MemberRepository } from '../src/member/member.repository.js';
import { RunConsumers } from '../src/run/run.consumers.js';
import { ViolationRepository } from '../src/violation/violation.repository.js';
import { PolicyEpochWorker } from '../src/policy/policy-epoch.worker.js';
import { PolicyInputRepository } from '../src/policy/policy-input.repository.js';
import { openPolicies } from '../src/policy/policy.loader.js';

export { approver, deletion, runContext } from './asked.js';

export interface WrittenFact {
  type: string;
  version: number;
  body: governance.ApprovalDecided;
  context: CallContext;
}

/** The service's classes on a real database, with the shipped policies in force. */
export const openHouse = async (settings: Record<string, string> = {}) => {
  const test: TestDatabase = await openTestDatabase(definition as never);
  const { database } = test;
  const env = governanceEnv(settings);
  const facts = new FactLog(new FactSignal());
  const shown: governance.ApprovalAnswered[] = [];
  const bus = { show: (_view: object, _tokens: string[], body: governance.ApprovalAnswered) => shown.push(body) };
  const repository = new ApprovalRepository(env);
  const changes = new ApprovalChanges(repository, facts, bus as unknown as Bus);
  const reader = new ApprovalReader(database, repository);
  const members = new MemberRepository();
  const bypasses = new BypassService(database, new BypassRepository(facts), members, env);
  const kills = new KillStateWorker(database, { show: () => undefined } as unknown as Bus);
  await kills.onModuleInit();
  const book = await openPolicies(env.POLICIES_DIR, new PolicyEpochWorker(database));
  const policy = new ActionPolicy(book, kills);
  const violations = new ViolationRepository(facts);
  const recorder = new DecisionRecorder(new PolicyInputRepository(), violations);
  const ends = new RunConsumers(changes, new BudgetRepository(), violations);
  return {
    database,
    env,
    facts,
    changes,
    kills,
    book,
    policy,
    members,
    actions: new ActionService(database, policy, repository, bypasses, facts, recorder),
    approvals: new ApprovalService(database, repository, reader, changes, members, policy),
    reader,
    /** Every end as it was shown to whoever waits. */
    shown,
    bypasses,
    violations,
    consumers: {
      executionFinished: (heard: Heard<executor.ExecutionFinished>, tx: Tx) =>
        ends.executionFinished(heard, tx, runContext(heard.team)),
    },
    newWorker: () => new ApprovalDeadlineWorker(database, changes),
    newEscalationWorker: () => new ApprovalEscalationWorker(database, changes),
    adminUrl: test.adminUrl,
    close: () => test.close(),
    factsOf: (ctx: CallContext, id: string): Promise<WrittenFact[]> =>
      database.inTeam(ctx, (tx) =>
        tx.query(`SELECT type, version, body, context FROM fact WHERE aggregate_id = $1 ORDER BY version`, [id]),
      ),
    /** Moves the deadline to a moment of the database's clock, `seconds` from now. */
    setDeadline: (ctx: CallContext, id: string, seconds: number): Promise<unknown> =>
      database.inTeam(ctx, (tx) =>
        tx.query(`UPDATE approval SET expires_at = clock_timestamp() + $2 * interval '1 second' WHERE id = $1`, [
          id,
          seconds,
        ]),
      ),
  };
};

export type House = Awaited<ReturnType<typeof openHouse>>;

/** A team with a run that asks and two people who may answer. */
export const openDesk = (house: House) => {
  const team = uuidv7();
  const run = runContext(team);
  return {
    team,
    run,
    ada: approver(team, person('ada')),
    bob: approver(team, person('bob'), 'admin'),
    /** An action people are asked about now. */
    ask: async (changed: Partial<governance.DecideAction> = {}, ctx = run) => {
      const action = deletion(changed);
      const { approval_id } = await house.actions.decide(ctx, action);
      return { action, id: approval_id! };
    },
    approve: (ctx: CallContext, id: string) => house.approvals.decide(ctx, { id, decision: 'approve' }),
    reject: (ctx: CallContext, id: string, reason?: string) =>
      house.approvals.decide(ctx, { id, decision: 'reject', reason }),
    claim: (id: string, request: governance.DecideAction) => house.approvals.claim(run, { id, request }),
    statusOf: async (id: string) => (await house.reader.get(run, id)).status,
    /** The statuses that the facts of an approval told, oldest first. */
    ends: async (id: string, ctx = run) => {
      const facts = await house.factsOf(ctx, id);
      expect(facts.map(({ version }) => version)).toEqual(facts.map((_, index) => index + 1));
      expect(facts[0]).toMatchObject({ type: 'governance.approval.requested.v1' });
      return facts.filter(({ type }) => type === 'governance.approval.decided.v1').map(({ body }) => body.status);
    },
  };
};

export type Desk = ReturnType<typeof openDesk>;

/** Needs two people. */
export const IN_HISTORY = { paths: ['.git/config'] };

export const refusal = (code: string): unknown => expect.objectContaining({ code, retryable: false });
