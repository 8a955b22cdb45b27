import { Digest, Id, Instant, Int, Json, ListOf, Nested, OneOf, Share, Text, Texts, Bool } from '../fields.js';
import { rpc } from '../message.js';
import { TOOL_EFFECTS, type ToolEffects } from '../prediction/step.js';

export class Taint {
  @Bool() read_sensitive!: boolean;
  @Bool() read_untrusted!: boolean;
  @Bool() external_send_pending!: boolean;
  @Bool() secrets_used!: boolean;
}

export class WorkspaceRef {
  @Text({ max: 4096 }) id!: string;
  @Bool({ doc: 'Below a root the operator has listed.' }) registered!: boolean;
}

export const CHANGE_KINDS = ['created', 'modified', 'deleted'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What an action would do to one path, told from the workspace as it was when people were asked. */
export class ChangePreview {
  @Text({ max: 5_000, doc: 'Relative to the workspace; redacted.' }) path!: string;
  @OneOf(CHANGE_KINDS) change!: ChangeKind;
  @Digest({
    optional: true,
    doc: 'What is there now: of a small file its content, of a folder everything in it, of anything else its kind and size. Null: nothing is there, or it could not be looked at in time.',
  })
  before!: string | null;
  @Digest({ optional: true, doc: 'Content afterwards; null when nothing will be there.' }) after!: string | null;
  @Text({ optional: true, max: 32_768, doc: 'Unified diff, redacted; data, never markup. Null: `note` says why.' })
  diff!: string | null;
  @Text({ optional: true, max: 5_000, doc: 'What the diff does not show, in a sentence.' }) note!: string | null;
}

/** Whether a run may start is asked like an action: this tool, as step 0. */
export const SUBMIT_TOOL = 'execution.submit';

/** One action before the gate, exactly as it would run. */
export class DecideAction {
  @Id() execution_id!: string;
  @Int({ doc: '0: the run itself, tool execution.submit@v1.' }) step!: number;
  @Int() index!: number;
  @Digest({ doc: 'Action digest: what.' }) digest!: string;
  @Text({ max: 200 }) agent_id!: string;
  @Text({ max: 100 }) agent_version!: string;
  @Text({
    optional: true,
    max: 200,
    doc: 'Name of the playbook its run follows; for kill switches, no policy looks at it.',
  })
  playbook?: string | null;
  @Text({ max: 100, doc: '`<name>@v<n>`' }) tool!: string;
  @OneOf(TOOL_EFFECTS) effects!: ToolEffects;
  @Json({ doc: 'Redacted; the digest covers the real ones.' }) arguments!: Record<string, unknown>;
  @Json({ doc: 'What is acted upon, as the tool declares it.' }) target!: Record<string, unknown>;
  @Texts({ doc: 'Workspace paths it names.' }) paths!: string[];
  @Share({ optional: true, doc: 'Assessed risk; null when prediction did not answer.' }) risk!: number | null;
  @Nested(() => WorkspaceRef) workspace!: WorkspaceRef;
  @Bool({ doc: 'A hold is taken before it.' }) held!: boolean;
  @OneOf(['bubblewrap', 'none']) sandbox!: 'bubblewrap' | 'none';
  @Nested(() => Taint) taint!: Taint;
  @Text({ optional: true, doc: 'What the run is to do, redacted; for people.' }) task?: string | null;
  @ListOf(() => ChangePreview, {
    optional: true,
    max: 100,
    doc: 'For people, beside the digest: no policy looks at it. Absent: the tool cannot foresee what changes.',
  })
  preview?: ChangePreview[] | null;
}

/** One use of a bypass: it stood in for the one approver policy asks for. */
export class BypassUse {
  @Id() bypass_id!: string;
  @Text({ max: 320, doc: 'Who gave the bypass.' }) given_by!: string;
  @Int({ min: 1, doc: 'Which of its uses this was.' }) use!: number;
}

export class ActionDecision {
  @OneOf(['allow', 'ask', 'deny']) decision!: 'allow' | 'ask' | 'deny';
  @OneOf([1, 2, 3], { optional: true }) tier_needed!: 1 | 2 | 3 | null;
  @Texts() determining_policies!: string[];
  @Int() policy_epoch!: number;
  @Digest() input_digest!: string;
  @Texts({ doc: 'Sentences for people.' }) reasons!: string[];
  @Texts({ doc: 'Patterns of paths that the decision does not cover, because the action named none of their kind.' })
  guarded!: string[];
  @Bool({ optional: true, doc: 'A path it names is classed sensitive.' }) sensitive?: boolean | null;
  @Id({ optional: true, doc: 'On ask: the pending approval.' }) approval_id!: string | null;
  @Instant({ optional: true }) expires_at!: string | null;
  @Nested(() => BypassUse, { optional: true, doc: 'On allow of tier 2: what stood in for the approver.' })
  bypass?: BypassUse | null;
}

export const action = {
  /** Writes the pending approval on *ask*, or a use of a bypass; the same key and digest get the same row. */
  decide: rpc('governance.action.decide.v1', DecideAction, ActionDecision),
} as const;
