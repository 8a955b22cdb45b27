import { Bool, Digest, Id, Int, ListOf, Nested, OneOf, Share, Text, Texts } from '../fields.js';
import { Taint, WorkspaceRef } from '../governance/action.js';
import { fact } from '../message.js';
import { TOOL_EFFECTS, type ToolEffects } from '../prediction/step.js';

/** One action that policy allowed by itself: what policy was asked, redacted, and what it said. */
export class AllowedAction {
  @Int({ doc: '0: the run itself.' }) step!: number;
  @Int() index!: number;
  @Digest({ doc: 'Action digest.' }) digest!: string;
  @Text({ max: 200 }) agent_id!: string;
  @Text({ max: 100 }) agent_version!: string;
  @Text({ max: 100 }) tool!: string;
  @OneOf(TOOL_EFFECTS) effects!: ToolEffects;
  @Text({ optional: true, max: 200, doc: 'Of the run itself.' }) driver!: string | null;
  @Text({ optional: true, max: 256, doc: 'Where it sends something.' }) target_host!: string | null;
  @Texts({ max: 200, doc: 'The first 200 of the paths it names.' }) paths!: string[];
  @Int({ doc: 'How many paths it names.' }) path_count!: number;
  @Share({ optional: true }) risk!: number | null;
  @Nested(() => WorkspaceRef) workspace!: WorkspaceRef;
  @Bool() held!: boolean;
  @OneOf(['bubblewrap', 'none']) sandbox!: 'bubblewrap' | 'none';
  @Nested(() => Taint) taint!: Taint;
  @OneOf([1, 2, 3], { optional: true }) tier_needed!: 1 | 2 | 3 | null;
  @Texts() determining_policies!: string[];
  @Int() policy_epoch!: number;
  @Digest({ doc: 'Of the input as policy saw it, not redacted.' }) input_digest!: string;
}

/** Actions that policy allowed and that had begun or could: the run tells of them now and then, and at its end of all. */
export class ActionDecided {
  @Id() execution_id!: string;
  @ListOf(() => AllowedAction, { doc: 'In their order; none is told twice.' }) items!: AllowedAction[];
}

export const actionDecided = fact('executor.action.decided.v1', ActionDecided);
