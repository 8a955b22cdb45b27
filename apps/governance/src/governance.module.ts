import { ENV } from '#service';
import { Module } from '@nestjs/common';
import { ActionPolicy } from './action/action.policy.js';
import { ActionRpc } from './action/action.rpc.js';
import { ActionService } from './action/action.service.js';
import { ApprovalConsumers } from './approval/approval.consumers.js';
import { ApprovalCountWorker } from './approval/approval-count.worker.js';
import { ApprovalDeadlineWorker } from './approval/approval-deadline.worker.js';
import { ApprovalEnding } from './approval/approval.ending.js';
import { ApprovalRepository } from './approval/approval.repository.js';
import { ApprovalRpc } from './approval/approval.rpc.js';
import { ApprovalService } from './approval/approval.service.js';
import type { Env } from './env.js';
import { MemberConsumers } from './member/member.consumers.js';
import { MemberRepository } from './member/member.repository.js';
import { PolicyEpochWorker } from './policy/policy-epoch.worker.js';
import { PolicyEngine } from './policy/policy.engine.js';
import { openPolicies } from './policy/policy.loader.js';

@Module({
  controllers: [ActionRpc, ApprovalRpc],
  providers: [
    {
      provide: PolicyEngine,
      inject: [ENV, PolicyEpochWorker],
      useFactory: ({ POLICIES_DIR }: Env, epochs: PolicyEpochWorker) => openPolicies(POLICIES_DIR, epochs),
    },
    ActionPolicy,
    ActionService,
    ApprovalConsumers,
    ApprovalCountWorker,
    ApprovalDeadlineWorker,
    ApprovalEnding,
    ApprovalRepository,
    ApprovalService,
    MemberConsumers,
    MemberRepository,
    PolicyEpochWorker,
  ],
})
export class GovernanceModule {}
