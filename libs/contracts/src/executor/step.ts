import { AnyJson, Bool, Digest, Id, Instant, Int, Json, ListOf, Nested, OneOf, Share, Text, Texts } from '../fields.js';
import { BypassUse } from '../governance/action.js';

export class FailureView {
  @Text({ max: 200, doc: '`<noun>.<what>`' }) code!: string;
  @Text() message!: string;
}

export class FindingView {
  @Text() code!: string;
  @OneOf(['low', 'medium', 'high', 'critical']) severity!: 'low' | 'medium' | 'high' | 'critical';
  @Text() sentence!: string;
}

/** What was foreseen before the gate. */
export class PredictedFact {
  @Share({ optional: true, doc: 'Null when prediction did not answer in time.' }) risk!: number | null;
  @ListOf(() => FindingView) findings!: FindingView[];
  @Texts({ doc: 'The changes the contract allows, `<change> <pattern>`.' }) expected!: string[];
}

/** What policy, and people where policy asked for them, said. */
export class DecidedFact {
  @OneOf(['allow', 'ask', 'deny']) decision!: 'allow' | 'ask' | 'deny';
  @OneOf([1, 2, 3], { optional: true, doc: '1 nobody, 2 one approver, 3 two different ones; null: never.' })
  tier_needed!: 1 | 2 | 3 | null;
  @Texts() determining_policies!: string[];
  @Int() policy_epoch!: number;
  @Texts() reasons!: string[];
  @Id({ optional: true }) approval_id!: string | null;
  @Instant({ optional: true, doc: 'When an unanswered approval becomes a no.' }) expires_at!: string | null;
  @OneOf(['pending', 'approved', 'rejected', 'expired', 'withdrawn'], { optional: true })
  approval!: 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn' | null;
  @Texts({ doc: 'Who said yes.' }) approvers!: string[];
  @Text({ optional: true, doc: 'Whose the arguments are; null: the agent’s own.' }) edited_by?: string | null;
  @Digest({ optional: true, doc: 'Of the action as the agent asked for it, when it was edited.' }) asked_digest?:
    string | null;
  @Nested(() => BypassUse, { optional: true, doc: 'What stood in for the approver.' }) bypass?: BypassUse | null;
  @Texts({ doc: 'Patterns of paths the decision does not cover; a change of one is undone.' }) guarded!: string[];
  @Bool({ optional: true, doc: 'A path it names is classed sensitive.' }) sensitive?: boolean | null;
}

/** What the tool itself reported. */
export class DoneFact {
  @Bool() ok!: boolean;
  @AnyJson({ doc: "The tool's result, redacted and shortened." }) output?: unknown;
  @Nested(() => FailureView, { optional: true }) failure!: FailureView | null;
  @Int({ doc: 'Milliseconds.' }) duration_ms!: number;
}

export class ChangeView {
  @Text() path!: string;
  @OneOf(['created', 'modified', 'deleted']) change!: 'created' | 'modified' | 'deleted';
}

export class DeviationView {
  @Text({ optional: true }) path?: string;
  @OneOf(['created', 'modified', 'deleted'], { optional: true }) change?: 'created' | 'modified' | 'deleted';
  @Text() reason!: string;
}

/** What the control plane saw for itself, judged by the contract. */
export class VerifiedFact {
  @OneOf(['verified', 'deviated', 'inconclusive', 'unverifiable'])
  verdict!: 'verified' | 'deviated' | 'inconclusive' | 'unverifiable';
  @Int({ doc: 'Observed changes, all of them.' }) change_count!: number;
  @ListOf(() => ChangeView, { doc: 'The first 100 observed changes.' }) changes!: ChangeView[];
  @ListOf(() => DeviationView) deviations!: DeviationView[];
  @Digest({ doc: 'Manifest of the workspace after the action.' }) manifest!: string;
}

/** What became of the hold. */
export class UndoneFact {
  @OneOf(['kept', 'undone', 'partly_undone', 'undo_failed', 'conflict'])
  outcome!: 'kept' | 'undone' | 'partly_undone' | 'undo_failed' | 'conflict';
  @Digest({ optional: true, doc: 'Manifest of the workspace before the action.' }) before!: string | null;
  @Digest({ optional: true, doc: 'Manifest found after the undo; equal to `before` when undone.' }) after!:
    string | null;
  @Int({ doc: 'Paths put back.' }) restored!: number;
  @ListOf(() => DeviationView, { doc: 'What stands in the way.' }) problems!: DeviationView[];
}

export class ActionView {
  @Text({ doc: '`<execution>/<step>/<index>`' }) key!: string;
  @Text({ optional: true }) tool?: string;
  @Json({ optional: true, doc: 'Redacted.' }) arguments?: Record<string, unknown>;
  @Digest({ optional: true }) digest?: string;
  @Text({ optional: true }) status?: string;
  @Nested(() => PredictedFact, { optional: true }) predicted?: PredictedFact | null;
  @Nested(() => DecidedFact, { optional: true }) decided?: DecidedFact | null;
  @Nested(() => DoneFact, { optional: true }) done?: DoneFact | null;
  @Nested(() => VerifiedFact, { optional: true }) verified?: VerifiedFact | null;
  @Nested(() => UndoneFact, { optional: true }) undone?: UndoneFact | null;
}

export class StepView {
  @Int({ min: 1 }) step!: number;
  @Instant({ optional: true }) timestamp?: string;
  @Text({ optional: true }) thought?: string;
  @Text({ optional: true, doc: 'Summary of the first action.' }) action?: string | null;
  @Text({ optional: true }) observation?: string | null;
  @ListOf(() => ActionView) actions!: ActionView[];
}
