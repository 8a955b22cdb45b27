import { Bool, Digest, Id, Int, ListOf, Nested, OneOf, Share, Text, Texts } from '../fields.js';
import { rpc } from '../message.js';
import { TOOL_EFFECTS, type ToolEffects } from '../prediction/step.js';
import { Taint } from './action.js';

/** An action that nobody is about to do. What is left out is as a run of its driver would have it. */
export class EvaluateAction {
  @Text({
    min: 1,
    max: 100,
    doc: '`<name>@v<n>` or `<name>`, which is version 1; `execution.submit` for a run itself.',
  })
  tool!: string;
  @Texts({ optional: true, max: 1_000, maxLength: 4_096, doc: 'Workspace paths it names; default none.' })
  paths?: string[];
  @Share({ optional: true, doc: 'Assessed risk; absent or null: none was to be had.' }) risk?: number | null;
  @OneOf(TOOL_EFFECTS, { optional: true, doc: 'Default: as the tool declares them.' }) effects?: ToolEffects;
  @Text({
    optional: true,
    min: 1,
    max: 200,
    doc: "Who would do it; default an agent's own name by its key, else `external` of that driver and `agent` of others.",
  })
  agent_id?: string;
  @Text({ optional: true, min: 1, max: 256, doc: 'Where it would send something.' }) host?: string;
  @Text({
    optional: true,
    min: 1,
    max: 200,
    doc: 'What would do it: `playbook`, the default, or `external`, an agent that runs elsewhere and asks before it acts.',
  })
  driver?: string;
  @Bool({ optional: true, doc: 'In a workspace an operator has listed; default true.' }) registered?: boolean;
  @Bool({ optional: true, doc: 'With a hold before it; default true of a playbook, else false.' }) held?: boolean;
  @OneOf(['bubblewrap', 'none'], { optional: true, doc: 'Default bubblewrap of a playbook, else none.' })
  sandbox?: 'bubblewrap' | 'none';
  @Nested(() => Taint, { optional: true, doc: 'What the run would know by then; default nothing.' }) taint?: Taint;
  @Int({ optional: true, max: 10, doc: 'Different people who have approved it; default none.' }) approvers?: number;
}

export class DeterminingPolicy {
  @Text() id!: string;
  @Text() sentence!: string;
  @Text({ doc: '`<file>:<line>`; empty: it is not known where.' }) path!: string;
}

const CHANGES = [
  'approvers',
  'paths',
  'risk',
  'effects',
  'held',
  'sandbox',
  'registered',
  'taint',
  'kill_switch',
] as const;

/** The same action, one thing changed, and what was decided about that. */
export class Alternative {
  @OneOf(CHANGES, { doc: 'kill_switch: none that refuses it is engaged any more.' })
  change!: (typeof CHANGES)[number];
  @Text() sentence!: string;
  @OneOf(['allow', 'ask', 'deny']) decision!: 'allow' | 'ask' | 'deny';
  @OneOf([1, 2, 3], { optional: true }) tier_needed!: 1 | 2 | 3 | null;
}

export class Evaluation {
  @OneOf(['allow', 'ask', 'deny']) decision!: 'allow' | 'ask' | 'deny';
  @OneOf([1, 2, 3], { optional: true }) tier_needed!: 1 | 2 | 3 | null;
  @Texts({ doc: 'What was decided, why, and what would change it; for people.' }) sentences!: string[];
  @ListOf(() => DeterminingPolicy) determining_policies!: DeterminingPolicy[];
  @ListOf(() => Alternative, { doc: 'Each was decided by the same policies.' }) alternatives!: Alternative[];
  @Int() policy_epoch!: number;
  @Id({ optional: true, doc: 'Whose policies; null: the shipped ones.' }) policy_id!: string | null;
  @Digest() input_digest!: string;
}

export const evaluation = {
  /** Kill switches and the policies in force answer as they would for the action; changes nothing and asks nobody. */
  evaluate: rpc('governance.evaluation.evaluate.v1', EvaluateAction, Evaluation),
} as const;
