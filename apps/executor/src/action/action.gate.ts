import { type executor, governance, prediction } from '#contracts';
import { actionDigest, digestOf, isAppError, type JsonValue } from '#kernel';
import { Bus } from '#messaging';
import { redact } from '#trace';
import { Injectable } from '@nestjs/common';
import { BudgetGate } from '../budget/budget.gate.js';
import { describeContract } from '../contract/contract.rules.js';
import type { Run } from '../execution/run.js';
import { KillSwitchGate } from '../kill-switch/kill-switch.gate.js';
import { PREVIEW_TIMEOUT_MS } from '../tool/tool.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import type { Action } from './action.entity.js';
import { isAnswered } from './approval.answer.js';
import { visible } from './visible.rules.js';

/** Prediction may take this long inside a step; later it is recorded as unavailable and policy decides without it. */
const ASSESS_TIMEOUT_MS = 1_000;
const DECIDE_TIMEOUT_MS = 10_000;
/** After the deadline of an approval, how long its fact may take before the run asks for itself. */
const DEADLINE_GRACE_MS = 2_000;
/** Before an approval is used, what it covers has to be seen again; nobody waits at a screen for it. */
const SEE_AGAIN_TIMEOUT_MS = 5_000;

/** What policy said, and about what. */
export interface Answered {
  decided: executor.DecidedFact;
  input: executor.AllowedAction;
}

/** Who acts for whom and where: of a run that is driven, or of one that waits. */
export type Acting = Pick<Run, 'ctx' | 'execution' | 'root' | 'isSendPending'>;

export type Claim =
  | {
      kind: 'approved';
      approvers: string[];
      policy_epoch: number;
      guarded: string[];
      sensitive: boolean;
      edited_by: string | null;
    }
  | { kind: 'pending' }
  | {
      kind: 'refused';
      status: 'rejected' | 'expired' | 'withdrawn';
      failure: executor.FailureView;
      /** Digest of the edited action that was approved instead. */
      edited?: string;
    };

/** Asks prediction, policy and people about one action. Writes nothing; the caller journals what it says. */
@Injectable()
export class ActionGate {
  constructor(
    private readonly bus: Bus,
    private readonly tools: ToolRegistry,
    private readonly kills: KillSwitchGate,
    readonly budgets: BudgetGate,
  ) {}

  /**
   * The kill switch by which an action must not begin now; null: it may. `anew`: asked for again, because governance
   * refused and may have known more.
   * @throws AppError `kill_switch.unknown`, retryable
   */
  async killedBy(run: Run, { tool }: Action, { anew = false } = {}): Promise<governance.KillOrder | null> {
    if (anew) await this.kills.read();
    await this.kills.fresh();
    return this.kills.against({ ...run.subject, tool });
  }

  /** What the action is, its contract included: the same over attempts, another one as soon as anything about it changes. */
  digestOf(run: Acting, action: Pick<Action, 'tool' | 'contract'>, args: object): string {
    const { tool, manifest_digest } = this.tools.get(action.tool);
    const { agent_id, playbook, agent_type, workspace, team_id } = run.execution;
    return actionDigest({
      team: team_id,
      agent: { id: agent_id, version: playbook?.digest ?? agent_type },
      tool: { name: tool.name, version: String(tool.version), manifest_digest },
      arguments: args as JsonValue,
      target: {
        ...tool.target(args),
        workspace: workspace?.path ?? null,
        contract: digestOf(action.contract as unknown as JsonValue),
      },
    });
  }

  async assess(run: Acting, action: Action, args: object): Promise<executor.PredictedFact> {
    const { tool } = this.tools.get(action.tool);
    const expected = action.contract ? describeContract(action.contract) : [];
    const { execution_id, step, index } = action;
    const paths = this.pathsOf(action, args);
    const state = run.execution.analyser_state;
    const asked = { execution_id, step, index, tool: action.tool, effects: tool.effects, paths, state };
    return askPrediction(this.bus, run, { ...asked, arguments: args as Record<string, unknown> }, expected);
  }

  /** @throws AppError retryable when governance does not answer: nothing runs without a decision */
  async decide(run: Run, action: Action, args: object, predicted: executor.PredictedFact): Promise<Answered> {
    const request = await this.question(run, action, args, predicted);
    const decided = await askPolicy(this.bus, run, request);
    const { input_digest, ...said } = decided;
    const approval = said.decision === 'ask' ? ('pending' as const) : null;
    return { decided: { ...said, approval, approvers: [] }, input: decisionInput(request, { ...said, input_digest }) };
  }

  /** The action as it is put to policy and people. */
  async question(
    run: Acting,
    action: Action,
    args: object,
    predicted: executor.PredictedFact,
  ): Promise<governance.DecideAction> {
    const preview = await this.preview(run, action, args, PREVIEW_TIMEOUT_MS);
    const task = visible(run.execution.task_description);
    return { ...this.request(run, action, args, predicted), preview, task };
  }

  /**
   * Redeems the approval an action waits for, under the policy of now and for the workspace of now: where that is not as
   * people saw it, the approval does not cover the action. Idempotent for the same action.
   */
  async claim(run: Run, action: Action, args: object): Promise<Claim> {
    const seen = await this.preview(run, action, args, SEE_AGAIN_TIMEOUT_MS);
    const preview = seen?.map((change) => ({ ...change, diff: null }));
    const request = { ...this.request(run, action, args, action.predicted), preview };
    return claimApproval(this.bus, run, action.approval_id!, request);
  }

  /** Whether somebody has answered the question an action waits for. */
  isAnswered(run: Run, approvalId: string): Promise<boolean> {
    return isAnswered(this.bus, run, approvalId);
  }

  /** Taken outside any transaction; of a tool without effects there is none. */
  private async preview(
    run: Acting,
    action: Action,
    args: object,
    timeoutMs: number,
  ): Promise<governance.ChangePreview[] | undefined> {
    const { tool } = this.tools.get(action.tool);
    if (tool.effects === 'none' || !run.root) return undefined;
    return tool.preview?.(args, run.root, timeoutMs);
  }

  /** What the call names, and what its author says a program may change: policy decides about all of it. */
  private pathsOf({ tool, contract }: Action, args: object): string[] {
    const stated = contract && !contract.confined ? [...contract.may, ...contract.must] : [];
    return [...new Set([...this.tools.get(tool).tool.paths(args), ...stated.map(({ path }) => path)])];
  }

  private request(
    run: Acting,
    action: Action,
    args: object,
    predicted: executor.PredictedFact | null,
  ): governance.DecideAction {
    const { tool } = this.tools.get(action.tool);
    return {
      execution_id: action.execution_id,
      step: action.step,
      index: action.index,
      digest: this.digestOf(run, action, args),
      agent_id: run.execution.agent_id,
      agent_version: run.execution.playbook?.digest ?? run.execution.agent_type,
      playbook: run.execution.playbook?.name ?? null,
      tool: action.tool,
      effects: tool.effects,
      arguments: visible(args as Record<string, unknown>),
      target: visible(tool.target(args)),
      paths: this.pathsOf(action, args),
      risk: predicted?.risk ?? null,
      workspace: { id: run.execution.workspace?.path ?? '', registered: true },
      ...governance.DONE_HERE,
      taint: { ...run.execution.taint, external_send_pending: run.isSendPending },
    };
  }
}

/** Paths a decision is told with; policy saw all of them. */
const TOLD_PATHS = 200;

/** The input of a decision as others may know it. */
export const decisionInput = (
  request: governance.DecideAction,
  said: Omit<governance.ActionDecision, 'guarded'>,
): executor.AllowedAction => {
  const { step, index, digest, agent_id, agent_version, tool, effects, paths } = request;
  const { risk, workspace, held, sandbox, taint, arguments: args, target } = request;
  const { tier_needed, determining_policies, policy_epoch, input_digest } = said;
  return {
    ...{ step, index, digest, agent_id, agent_version, tool, effects },
    driver: step === 0 && typeof args.driver === 'string' ? args.driver : null,
    target_host: typeof target.host === 'string' ? target.host : null,
    paths: redact(paths.slice(0, TOLD_PATHS)).value,
    path_count: paths.length,
    ...{ risk, workspace, held, sandbox, taint, tier_needed, determining_policies, policy_epoch, input_digest },
  };
};

/** Risk and findings of one action; without an answer in time that is what is found. */
export const askPrediction = async (
  bus: Bus,
  run: Pick<Run, 'ctx'>,
  action: prediction.AssessAction,
  expected: string[],
): Promise<executor.PredictedFact> => {
  try {
    const { risk, findings } = await bus.call(run.ctx, prediction.action.assess, action, {
      timeoutMs: ASSESS_TIMEOUT_MS,
    });
    return {
      risk,
      findings: visible(findings.map(({ code, severity, sentence }) => ({ code, severity, sentence }))),
      expected,
    };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const unavailable = 'Prediction did not answer in time.';
    return {
      risk: null,
      findings: [{ code: 'prediction.unavailable', severity: 'medium', sentence: unavailable }],
      expected,
    };
  }
};

/** @throws AppError retryable when governance does not answer */
export const askPolicy = (bus: Bus, run: Run, request: governance.DecideAction): Promise<governance.ActionDecision> =>
  bus.call(run.ctx, governance.action.decide, request, { timeoutMs: DECIDE_TIMEOUT_MS });

/** When whoever waits for people looks for itself; null when they have all the time there is. */
export const answerDue = (decided: executor.DecidedFact | null): Date | null =>
  decided?.expires_at ? new Date(Date.parse(decided.expires_at) + DEADLINE_GRACE_MS) : null;

/** @throws AppError retryable when governance does not answer */
export const claimApproval = async (
  bus: Bus,
  run: Run,
  approvalId: string,
  request: governance.DecideAction,
): Promise<Claim> => {
  try {
    const claim = await bus.call(run.ctx, governance.approval.claim, { id: approvalId, request });
    const { approvers, policy_epoch, guarded, sensitive, edited_by } = claim;
    const names = approvers.map((approver) => approver.name);
    return { kind: 'approved', approvers: names, policy_epoch, guarded, sensitive, edited_by: edited_by?.name ?? null };
  } catch (error) {
    if (!isAppError(error) || error.retryable || !error.code.startsWith('approval.')) throw error;
    if (error.code === 'approval.pending') return { kind: 'pending' };
    const failure = { code: error.code, message: error.message };
    const status =
      ({ 'approval.expired': 'expired', 'approval.withdrawn': 'withdrawn' } as const)[error.code] ?? 'rejected';
    const edited = error.code === 'approval.edited' ? error.details?.['digest'] : undefined;
    return { kind: 'refused', status, failure, ...(typeof edited === 'string' && { edited }) };
  }
};
