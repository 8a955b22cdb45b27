import { Digest, Id, Instant, Int, Json, ListOf, Nested, OneOf, Share, Text, Texts } from '../fields.js';
import { rpc } from '../message.js';
import { EXECUTION_STATUSES, type ExecutionStatus, WorkspaceChoice } from './execution.js';
import { FailureView, FindingView } from './step.js';

/** What an agent that runs elsewhere is about to do. */
export class ProposeAction {
  @Text({ min: 1, max: 10_000, doc: 'What it is done for, in words.' })
  task_description!: string;

  @Text({ optional: true, min: 1, max: 200, doc: "The agent's own name, unique in the team; default `external`." })
  agent_id?: string;

  @Text({ optional: true, max: 10_000, doc: 'Why the agent wants to do it.' })
  thought?: string;

  @Text({
    max: 100,
    pattern: /^[a-z][a-z0-9_.-]{0,79}(?:@v[1-9]\d{0,8})?$/,
    doc: '`<name>@v<n>`, or `<name>`, which is version 1; a tool no policy speaks of is denied.',
  })
  tool!: string;

  @Json({ doc: 'Exactly what the tool will be called with; of a tool the executor has, they are validated.' })
  arguments!: Record<string, unknown>;

  @Texts({
    optional: true,
    max: 1_000,
    maxLength: 4_096,
    doc: 'Workspace paths it touches, beside those that its arguments name.',
  })
  paths?: string[];

  @Text({ optional: true, min: 1, max: 256, doc: 'Where it sends something.' })
  host?: string;

  @Nested(() => WorkspaceChoice, { optional: true, doc: 'The folder it works in; without one nothing is allowed.' })
  workspace?: WorkspaceChoice;
}

/** What the agent may do now. Only `allow` is a yes, and it is about exactly these arguments. */
export class LoopAnswer {
  @Id({ doc: 'The record of this action.' }) execution_id!: string;
  @Text({ doc: '`<execution>/<step>/<index>`' }) key!: string;
  @Digest({ doc: 'Of the action.' }) digest!: string;
  @OneOf(['allow', 'ask', 'deny'], {
    doc: 'ask: people decide; the same request with the same Idempotency-Key is told what they said.',
  })
  decision!: 'allow' | 'ask' | 'deny';
  @OneOf(EXECUTION_STATUSES) status!: ExecutionStatus;
  @OneOf([1, 2, 3], { optional: true, doc: '1 nobody, 2 one approver, 3 two different ones; null: never.' })
  tier_needed!: 1 | 2 | 3 | null;
  @Texts() determining_policies!: string[];
  @Int({ optional: true }) policy_epoch!: number | null;
  @Texts({ doc: 'Sentences for people, and for the agent.' }) reasons!: string[];
  @Id({ optional: true, doc: 'While people are asked.' }) approval_id!: string | null;
  @Instant({ optional: true, doc: 'When an unanswered question becomes a no.' }) expires_at!: string | null;
  @Texts({ doc: 'Who said yes.' }) approvers!: string[];
  @Share({ optional: true, doc: 'Null when prediction did not answer in time.' }) risk!: number | null;
  @ListOf(() => FindingView) findings!: FindingView[];
  @Nested(() => FailureView, { optional: true, doc: 'Of a no.' }) failure!: FailureView | null;
}

export const loop = {
  /** Predicts, decides and records one action of an agent that runs elsewhere. */
  execute: rpc('executor.loop.execute.v1', ProposeAction, LoopAnswer),
} as const;
