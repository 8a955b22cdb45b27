import type { ServiceDefinition } from '#service';
import { Approvals1763600001000 } from '../migrations/0001-approvals.js';
import { Approval } from './approval/approval.entity.js';
import { Vote } from './approval/vote.entity.js';
import { type Env, governanceEnv } from './env.js';
import { GovernanceModule } from './governance.module.js';
import { Member } from './member/member.entity.js';

export const governance: ServiceDefinition<Env> = {
  name: 'governance',
  module: GovernanceModule,
  entities: [Approval, Member, Vote],
  migrations: [Approvals1763600001000],
  env: governanceEnv,
};
