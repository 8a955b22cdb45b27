import { type CallContext, governance, invalidInput } from '#contracts';
import { actionDigest, digestOf } from '#kernel';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ActionPolicy } from '../action/action.policy.js';
import { policyQuestion } from '../action/action.rules.js';
import { PolicyBook } from '../policy/policy-book.js';
import { PolicyRepository } from '../policy/policy.repository.js';
import type { PolicyRequest } from '../policy/policy.types.js';
import { NO_TAINT } from '../policy/policy.types.js';
import { alternativesOf, refusedText, sentencesOf } from './evaluation.rules.js';

const NOBODYS_RUN = '00000000-0000-7000-8000-000000000000';

/** Explains what would be decided. It writes nothing and asks nobody. */
@Injectable()
export class EvaluationService {
  constructor(
    private readonly database: Database,
    private readonly gate: ActionPolicy,
    private readonly policies: PolicyRepository,
    private readonly book: PolicyBook,
  ) {}

  /**
   * @throws AppError `input.invalid` for what cannot be put to policy; `kill_switch.unknown`, `policy.unconfirmed`, both
   * retryable
   */
  async evaluate(ctx: CallContext, input: governance.EvaluateAction): Promise<governance.Evaluation> {
    const action = actionOf(ctx, input);
    const request = this.question(ctx, action, input.approvers ?? 0);
    const own = await this.database.inTeam(ctx, (tx) => this.policies.inForce(tx));
    await this.gate.fresh();
    this.book.assertConfirmed(performance.now());
    const authorize = (asked: PolicyRequest) => this.book.decide(asked);
    const decision = authorize(request);
    const policies = decision.determining_policies.map((id) => this.place(ctx.team, id));
    const { policy_epoch, input_digest } = decision;
    const policy_id = own?.epoch === policy_epoch ? own.id : null;
    const refusal = this.gate.refusalOf(ctx, action);
    if (refusal) {
      const said = refusedText(refusal, decision, policies);
      const denied = { decision: 'deny' as const, tier_needed: null, determining_policies: [] };
      return { ...denied, ...said, policy_epoch, policy_id, input_digest };
    }
    const alternatives = alternativesOf(request, authorize);
    return {
      decision: decision.decision,
      tier_needed: decision.tier_needed,
      sentences: sentencesOf(decision, policies, alternatives),
      determining_policies: policies,
      ...{ alternatives, policy_epoch, policy_id, input_digest },
    };
  }

  private question(ctx: CallContext, action: governance.DecideAction, approvers: number): PolicyRequest {
    const question = policyQuestion(ctx, action, approvers);
    if (question.kind === 'question') return question.request;
    throw invalidInput([{ path: '/tool', message: question.reason }]);
  }

  /** A policy of the team's own bundle, or one of the shipped ones that stand above it. */
  private place(team: string, id: string): governance.DeterminingPolicy {
    const engines = [this.book.ofTeam(team), this.book.house];
    const engine = engines.find((one) => one?.sentences.has(id));
    const { file, line } = engine?.bundle.places[id] ?? {};
    return { id, sentence: engine?.sentences.get(id) ?? id, path: file ? `${file}:${line}` : '' };
  }
}

/** As the gate would be asked about it. */
const actionOf = ({ team }: CallContext, input: governance.EvaluateAction): governance.DecideAction => {
  const tool = input.tool.includes('@') ? input.tool : `${input.tool}@v1`;
  const isRun = tool.split('@', 1)[0] === governance.SUBMIT_TOOL;
  const { paths = [], driver = 'playbook', host } = input;
  const agent_id = input.agent_id ?? (driver === governance.EXTERNAL ? governance.EXTERNAL : 'agent');
  const usual = governance.surroundingsOf(driver);
  const [name = '', version = ''] = tool.split('@v');
  const args: Record<string, string> = isRun ? { driver } : {};
  const target: Record<string, string> = host === undefined ? {} : { host };
  const digest = actionDigest({
    team,
    agent: { id: agent_id, version: driver },
    tool: { name, version, manifest_digest: digestOf(name) },
    arguments: { ...args, paths },
    target,
  });
  return {
    ...{ execution_id: NOBODYS_RUN, step: isRun ? 0 : 1, index: 0, digest, agent_id, agent_version: driver },
    ...{ tool, effects: input.effects ?? governance.traitsOf(tool).effects, arguments: args, target, paths },
    risk: input.risk ?? null,
    workspace: { id: 'evaluated', registered: input.registered ?? true },
    held: input.held ?? usual.held,
    sandbox: input.sandbox ?? usual.sandbox,
    taint: { ...(input.taint ?? NO_TAINT) },
  };
};
