import { type executor, governance, prediction } from '#contracts';
import { actionDigest, isAppError, sha256 } from '#kernel';
import { Bus } from '#messaging';
import { Injectable } from '@nestjs/common';
import { answerDue, askPolicy, claimApproval, decisionInput } from '../action/action.gate.js';
import { isAnswered } from '../action/approval.answer.js';
import { visible } from '../action/visible.rules.js';
import { PlaybookService } from '../playbook/playbook.service.js';
import type { WorkEnd } from '../work/work-source.js';
import { ExecutionFinisher } from './execution.finisher.js';
import { CANCELLED_BEFORE_START } from './execution.rules.js';
import type { Run } from './run.js';

const PREDICT_TIMEOUT_MS = 2_000;
const SUBMIT_TOOL = { name: governance.SUBMIT_TOOL, version: '1' };

/** Takes a submitted run as far as the queue: predict, decide, and wait for people where policy asks for them. */
@Injectable()
export class AdmissionRunner {
  constructor(
    private readonly bus: Bus,
    private readonly finisher: ExecutionFinisher,
    private readonly playbooks: PlaybookService,
  ) {}

  /** Null: the status has moved on; the caller looks at it. */
  async admit(run: Run): Promise<WorkEnd | null> {
    if (run.execution.cancel_requested)
      return this.finisher.end(run, { status: 'cancelled', failure: run.execution.stopped ?? CANCELLED_BEFORE_START });
    return run.execution.status === 'submitted' ? this.decide(run) : this.redeem(run);
  }

  private async decide(run: Run): Promise<WorkEnd | null> {
    const predicted = run.execution.prediction ?? (await this.predict(run));
    const asked = request(run, predicted);
    const answer = await askPolicy(this.bus, run, asked);
    const { input_digest: _digest, ...shown } = answer;
    const approval = answer.decision === 'ask' ? ('pending' as const) : null;
    const decided: executor.DecidedFact = { ...shown, approval, approvers: [] };
    switch (answer.decision) {
      case 'allow':
        await run.commit([{ kind: 'execution.decided', body: { status: 'queued' } }], {
          status: 'queued',
          decided,
          decision_input: decisionInput(asked, answer),
        });
        return null;
      case 'ask':
        await run.commit([{ kind: 'execution.decided', body: { status: 'awaiting_approval' } }], {
          status: 'awaiting_approval',
          decided,
          approval_id: answer.approval_id,
        });
        // Looked at before it waits: of a question that was asked before, the answer may have come, and woken nobody.
        return null;
      case 'deny': {
        const message = answer.reasons.join(' ') || 'Policy denies this run.';
        return this.finisher.end(
          run,
          { status: 'denied', failure: { code: 'execution.denied', message } },
          { decided },
        );
      }
    }
  }

  /** Null when prediction does not answer: policy decides without it. */
  private async predict(run: Run): Promise<executor.PredictionSummary | null> {
    const { id: execution_id, task_description, agent_type, max_steps, agent_id, playbook } = run.execution;
    const tools = playbook ? await this.playbooks.toolsOf(run.ctx, playbook) : [];
    const input = { execution_id, task_description, agent_type, max_steps, agent_id, tools };
    let answer: prediction.RunPrediction;
    try {
      answer = await this.bus.call(run.ctx, prediction.run.predict, input, { timeoutMs: PREDICT_TIMEOUT_MS });
    } catch (error) {
      if (!isAppError(error)) throw error;
      return null;
    }
    const { predicted_risk, predicted_deception, confidence, warnings, recommendation, recommendation_code, basis } =
      answer;
    const foreseen = {
      predicted_risk,
      predicted_deception,
      confidence,
      warnings,
      recommendation,
      recommendation_code,
      basis,
    };
    const risk = { risk_score: predicted_risk, deception_probability: predicted_deception };
    await run.commit([{ kind: 'execution.predicted', body: { risk } }], { prediction: foreseen, ...risk });
    return foreseen;
  }

  private async redeem(run: Run): Promise<WorkEnd | null> {
    const { approval_id, decided, prediction: predicted } = run.execution;
    if (run.isToPause && !(await isAnswered(this.bus, run, approval_id!))) return this.waiting(run);
    if (await run.pauseHere()) return { kind: 'waiting', wake_at: null };
    const claim = await claimApproval(this.bus, run, approval_id!, request(run, predicted));
    switch (claim.kind) {
      case 'pending':
        return this.waiting(run);
      case 'approved':
        await run.commit([{ kind: 'execution.decided', body: { status: 'queued' } }], {
          status: 'queued',
          approval_id: null,
          decided: { ...decided!, approval: 'approved', approvers: claim.approvers, policy_epoch: claim.policy_epoch },
        });
        return null;
      case 'refused':
        return this.finisher.end(
          run,
          { status: claim.status === 'expired' ? 'expired' : 'denied', failure: claim.failure },
          { approval_id: null, decided: { ...decided!, approval: claim.status } },
        );
    }
  }

  private waiting({ execution }: Run): WorkEnd {
    return { kind: 'waiting', wake_at: answerDue(execution.decided) };
  }
}

const request = (run: Run, predicted: executor.PredictionSummary | null): governance.DecideAction => {
  const { id, agent_id, agent_type, playbook, workspace, max_steps, team_id } = run.execution;
  const args = {
    driver: agent_type,
    agent: agent_id,
    playbook: playbook?.digest ?? null,
    workspace: workspace?.path ?? null,
    max_steps,
  };
  const target = { kind: 'execution', driver: agent_type };
  const version = playbook?.digest ?? agent_type;
  return {
    execution_id: id,
    step: 0,
    index: 0,
    digest: actionDigest({
      team: team_id,
      agent: { id: agent_id, version },
      tool: { ...SUBMIT_TOOL, manifest_digest: sha256(SUBMIT_TOOL.name) },
      arguments: args,
      target,
    }),
    agent_id,
    agent_version: version,
    playbook: playbook?.name ?? null,
    task: visible(run.execution.task_description),
    tool: `${SUBMIT_TOOL.name}@v${SUBMIT_TOOL.version}`,
    effects: 'none',
    arguments: visible(args),
    target,
    paths: [],
    risk: predicted?.predicted_risk ?? null,
    workspace: { id: workspace?.path ?? '', registered: workspace !== null },
    ...governance.DONE_HERE,
    taint: run.execution.taint,
  };
};
