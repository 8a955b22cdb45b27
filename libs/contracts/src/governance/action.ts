import { Digest, Id, Instant, Int, Json, Nested, OneOf, Share, Text, Texts, Bool } from '../fields.js';
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

/** One action before the gate, exactly as it would run. */
export class DecideAction {
  @Id() execution_id!: string;
  @Int({ doc: '0: the run itself, tool execution.submit@v1.' }) step!: number;
  @Int() index!: number;
  @Digest({ doc: 'Action digest: what.' }) digest!: string;
  @Text({ max: 200 }) agent_id!: string;
  @Text({ max: 100 }) agent_version!: string;
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
  @Id({ optional: true, doc: 'On ask: the pending approval.' }) approval_id!: string | null;
  @Instant({ optional: true }) expires_at!: string | null;
}

export const action = {
  /** Writes the pending approval on *ask*; the same key and digest get the same row. */
  decide: rpc('governance.action.decide.v1', DecideAction, ActionDecision),
} as const;
