import { ENV, PLATFORM, type Platform } from '#service';
import { Module } from '@nestjs/common';
import { ActionPolicy } from './action/action.policy.js';
import { ActionRpc } from './action/action.rpc.js';
import { ActionService } from './action/action.service.js';
import { DecisionRecorder } from './action/decision.recorder.js';
import { ApprovalCountWorker } from './approval/approval-count.worker.js';
import { ApprovalDeadlineWorker } from './approval/approval-deadline.worker.js';
import { ApprovalChanges } from './approval/approval.changes.js';
import { ApprovalEscalationWorker } from './approval/approval-escalation.worker.js';
import { ApprovalReader } from './approval/approval.reader.js';
import { ApprovalRepository } from './approval/approval.repository.js';
import { ApprovalRpc } from './approval/approval.rpc.js';
import { ApprovalService } from './approval/approval.service.js';
import { AutonomyRpc } from './autonomy/autonomy.rpc.js';
import { AutonomyService } from './autonomy/autonomy.service.js';
import { BudgetRepository } from './budget/budget.repository.js';
import { BudgetRpc } from './budget/budget.rpc.js';
import { BudgetService } from './budget/budget.service.js';
import { ReservationWorker } from './budget/reservation.worker.js';
import { BypassRepository } from './bypass/bypass.repository.js';
import { BypassRpc } from './bypass/bypass.rpc.js';
import { BypassService } from './bypass/bypass.service.js';
import type { Env } from './env.js';
import { KillProgressWorker } from './kill-switch/kill-progress.worker.js';
import { KillStateWorker } from './kill-switch/kill-state.worker.js';
import { KillSwitchRepository } from './kill-switch/kill-switch.repository.js';
import { KillSwitchRpc } from './kill-switch/kill-switch.rpc.js';
import { KillSwitchService } from './kill-switch/kill-switch.service.js';
import { MemberConsumers } from './member/member.consumers.js';
import { MemberRepository } from './member/member.repository.js';
import { RunConsumers } from './run/run.consumers.js';
import { ViolationRepository } from './violation/violation.repository.js';
import { ViolationRpc } from './violation/violation.rpc.js';
import { ViolationService } from './violation/violation.service.js';
import { EvaluationRpc } from './evaluation/evaluation.rpc.js';
import { EvaluationService } from './evaluation/evaluation.service.js';
import { PolicyBook } from './policy/policy-book.js';
import { PolicyEpochWorker } from './policy/policy-epoch.worker.js';
import { PolicyInputConsumers } from './policy/policy-input.consumers.js';
import { PolicyInputRepository } from './policy/policy-input.repository.js';
import { PolicyKey } from './policy/policy-key.js';
import { PolicyReplicaWorker } from './policy/policy-replica.worker.js';
import { PolicyRelease } from './policy/policy.release.js';
import { PolicyRepository } from './policy/policy.repository.js';
import { PolicyReview } from './policy/policy.review.js';
import { PolicyRpc } from './policy/policy.rpc.js';
import { PolicyService } from './policy/policy.service.js';
import { PolicyTrials } from './policy/policy.trials.js';
import { BundleTrial } from './policy/trial.js';
import { openPolicies } from './policy/policy.loader.js';

@Module({
  controllers: [
    ActionRpc,
    ApprovalRpc,
    AutonomyRpc,
    BudgetRpc,
    BypassRpc,
    EvaluationRpc,
    KillSwitchRpc,
    PolicyRpc,
    ViolationRpc,
  ],
  providers: [
    {
      provide: PolicyBook,
      inject: [ENV, PolicyEpochWorker],
      useFactory: ({ POLICIES_DIR }: Env, epochs: PolicyEpochWorker) => openPolicies(POLICIES_DIR, epochs),
    },
    ActionPolicy,
    ActionService,
    DecisionRecorder,
    ApprovalCountWorker,
    ApprovalDeadlineWorker,
    ApprovalEscalationWorker,
    ApprovalChanges,
    ApprovalReader,
    ApprovalRepository,
    ApprovalService,
    AutonomyService,
    BudgetRepository,
    BudgetService,
    BypassRepository,
    BypassService,
    KillProgressWorker,
    KillStateWorker,
    KillSwitchRepository,
    KillSwitchService,
    EvaluationService,
    MemberConsumers,
    MemberRepository,
    { provide: BundleTrial, useFactory: () => new BundleTrial() },
    { provide: PolicyKey, inject: [PLATFORM], useFactory: ({ home }: Platform) => PolicyKey.open(home) },
    PolicyEpochWorker,
    ReservationWorker,
    RunConsumers,
    ViolationRepository,
    ViolationService,
    PolicyInputConsumers,
    PolicyInputRepository,
    PolicyRelease,
    PolicyReplicaWorker,
    PolicyRepository,
    PolicyReview,
    PolicyService,
    PolicyTrials,
  ],
})
export class GovernanceModule {}
