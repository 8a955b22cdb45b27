import type { CallContext, executor, governance, Principal } from '#contracts';
import { digestOf, uuidv7 } from '#kernel';
import type { Bus, Heard } from '#messaging';
import { FactLog, FactSignal, type Tx } from '#persistence';
import { callContext, openTestDatabase, person, type TestDatabase } from '#testing';
import { expect } from '@jest/globals';
import { ActionPolicy } from '../src/action/action.policy.js';
import { ActionService } from '../src/action/action.service.js';
import { ApprovalDeadlineWorker } from '../src/approval/approval-deadline.worker.js';
import { ApprovalEnding } from '../src/approval/approval.ending.js';
import { ApprovalRepository } from '../src/approval/approval.repository.js';
import { ApprovalService } from '../src/approval/approval.service.js';
import { BudgetRepository } from '../src/budget/budget.repository.js';
import { governance as definition } from '../src/definition.js';
import { governanceEnv } from '../src/env.js';
import { KillStateWorker } from '../src/kill-switch/kill-state.worker.js';
import { MemberRepository } from '../src/member/member.repository.js';
import { RunConsumers } from '../src/run/run.consumers.js';
import { ViolationRepository } from '../src/violation/violation.repository.js';
import { PolicyEpochWorker } from '../src/policy/policy-epoch.worker.js';
import { openPolicies } from '../src/policy/policy.loader.js';

const SUITE: Principal = { kind: 'service', id: 'suite', name: 'suite' };

/** The executor's context: the run was submitted by the service principal `suite`. */
export const runContext = (team: string, on_behalf_of: Principal = SUITE): CallContext =>
  callContext({ team, principal: SUITE, on_behalf_of, roles: [] });

export const approver = (
  team: string,
  who = person('approver'),
  role: 'approver' | 'admin' = 'approver',
): CallContext => callContext({ team, principal: who, roles: [role] });

/** The delete below `data/`, which needs one approver; `.git` needs two. */
export const deletion = (changed: Partial<governance.DecideAction> = {}): governance.DecideAction => {
  const paths = changed.paths ?? ['data/customers.db'];
  return {
    execution_id: uuidv7(),
    step: 6,
    index: 0,
    digest: digestOf(paths),
    agent_id: 'tidy',
    agent_version: digestOf('tidy.yaml'),
    tool: 'file.delete@v1',
    effects: 'reversible',
    arguments: { path: paths[0] },
    target: { kind: 'path', path: paths[0] },
    paths,
    risk: 0.3,
    workspace: { id: '/srv/tidy', registered: true },
    held: true,
    sandbox: 'bubblewrap',
    taint: { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: false },
    ...changed,
  };
};

export interface WrittenFact {
  type: string;
  version: number;
  body: governance.ApprovalDecided;
  context: CallContext;
}

/** The service's classes on a real database, with the shipped policies in force. */
export const openHouse = async () => {
  const test: TestDatabase = await openTestDatabase(definition as never);
  const { database } = test;
  const env = governanceEnv({});
  const facts = new FactLog(new FactSignal());
  const repository = new ApprovalRepository(env);
  const ending = new ApprovalEnding(repository, facts);
  const members = new MemberRepository();
  const kills = new KillStateWorker(database, { show: () => undefined } as unknown as Bus);
  await kills.onModuleInit();
  const policy = new ActionPolicy(await openPolicies(env.POLICIES_DIR, new PolicyEpochWorker(database)), kills);
  const violations = new ViolationRepository(facts);
  const ends = new RunConsumers(ending, new BudgetRepository(), violations);
  return {
    database,
    env,
    facts,
    ending,
    kills,
    policy,
    members,
    actions: new ActionService(database, policy, repository, facts, violations),
    approvals: new ApprovalService(database, repository, ending, members, policy),
    violations,
    consumers: {
      executionFinished: (heard: Heard<executor.ExecutionFinished>, tx: Tx) =>
        ends.executionFinished(heard, tx, runContext(heard.team)),
    },
    newWorker: () => new ApprovalDeadlineWorker(database, ending),
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
    statusOf: async (id: string) => (await house.approvals.get(run, id)).status,
    /** The statuses that the facts of an approval told, oldest first. */
    ends: async (id: string, ctx = run) => {
      const [requested, ...decided] = await house.factsOf(ctx, id);
      expect(requested).toMatchObject({ type: 'governance.approval.requested.v1', version: 1 });
      decided.forEach((fact, index) =>
        expect(fact).toMatchObject({ type: 'governance.approval.decided.v1', version: index + 2 }),
      );
      return decided.map(({ body }) => body.status);
    },
  };
};

export type Desk = ReturnType<typeof openDesk>;

/** Needs two people. */
export const IN_HISTORY = { paths: ['.git/config'] };

export const refusal = (code: string): unknown => expect.objectContaining({ code, retryable: false });
