import { Int, ListOf, OneOf, Text } from '../fields.js';
import { rpc } from '../message.js';
import { KillSwitchView } from './kill-switch.js';

export class ReadAutonomy {}

export class TierView {
  @OneOf([1, 2, 3]) tier!: 1 | 2 | 3;
  @Int({ doc: 'Different people who have to approve.' }) approvers!: number;
  @Text({ doc: 'What it means, in a sentence.' }) meaning!: string;
  @Int({ doc: 'Approvals of this tier that nobody has decided.' }) pending!: number;
}

/** How far agents of the team go by themselves now. */
export class AutonomyStatus {
  @Int({ doc: 'Number of the policy in force.' }) policy_epoch!: number;
  @Int({ doc: 'Number of the last change of any kill switch.' }) kill_epoch!: number;
  @ListOf(() => TierView) tiers!: TierView[];
  @Int({ doc: 'Approvals nobody has decided, of every tier.' }) pending_approvals!: number;
  @ListOf(() => KillSwitchView, { doc: 'Those that are not released: of the team and of every team.' })
  kill_switches!: KillSwitchView[];
  @Int({ doc: 'Executor processes that were heard of in the last seconds.' }) executors_alive!: number;
}

export const autonomy = {
  status: rpc('governance.autonomy.status.v1', ReadAutonomy, AutonomyStatus),
} as const;
