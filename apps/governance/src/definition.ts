import type { ServiceDefinition } from '#service';
import { Approvals1763600001000 } from '../migrations/0001-approvals.js';
import { Budgets1763600002000 } from '../migrations/0002-budgets.js';
import { KillSwitch1763600003000 } from '../migrations/0003-kill-switch.js';
import { Violations1763600004000 } from '../migrations/0004-violations.js';
import { Approvals1763600006000 } from '../migrations/0006-approvals.js';
import { BypassSubject1763600007000 } from '../migrations/0007-bypass-subject.js';
import { ApprovalEdit } from './approval/approval-edit.entity.js';
import { Policies1763600005000 } from '../migrations/0005-policies.js';
import { Approval } from './approval/approval.entity.js';
import { Vote } from './approval/vote.entity.js';
import { Bypass } from './bypass/bypass.entity.js';
import { type Env, governanceEnv } from './env.js';
import { GovernanceModule } from './governance.module.js';
import { Member } from './member/member.entity.js';
import { Policy, PolicyVote } from './policy/policy.entity.js';

export const governance: ServiceDefinition<Env> = {
  name: 'governance',
  module: GovernanceModule,
  entities: [Approval, ApprovalEdit, Bypass, Member, Policy, PolicyVote, Vote],
  migrations: [
    Approvals1763600001000,
    Budgets1763600002000,
    KillSwitch1763600003000,
    Violations1763600004000,
    Policies1763600005000,
    Approvals1763600006000,
    BypassSubject1763600007000,
  ],
  env: governanceEnv,
};
