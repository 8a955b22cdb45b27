import { DirectoryBlobStore } from '#blobs';
import { PLATFORM, type Platform } from '#service';
import { Module } from '@nestjs/common';
import { join } from 'node:path';
import { ActionEditor } from './action/action.editor.js';
import { ActionEffect } from './action/action.effect.js';
import { ActionGate } from './action/action.gate.js';
import { ActionRepository } from './action/action.repository.js';
import { ActionRpc } from './action/action.rpc.js';
import { ActionRunner } from './action/action.runner.js';
import { ActionTool, SANDBOX } from './action/action.tool.js';
import { ActionUndo } from './action/action.undo.js';
import { ActionVersions } from './action/action.versions.js';
import { DecisionTeller } from './action/decision.teller.js';
import { Sealer } from './action/sealer.js';
import { BudgetGate } from './budget/budget.gate.js';
import { AdmissionRunner } from './execution/admission.runner.js';
import { ApprovalWatch } from './execution/approval.watch.js';
import { ExecutionConsumers } from './execution/execution.consumers.js';
import { ExecutionDrive } from './execution/execution.drive.js';
import { ExecutionFinisher } from './execution/execution.finisher.js';
import { ExecutionRepository } from './execution/execution.repository.js';
import { ExecutionRpc } from './execution/execution.rpc.js';
import { ExecutionRunner } from './execution/execution.runner.js';
import { ExecutionService } from './execution/execution.service.js';
import { ExecutionWorker } from './execution/execution.worker.js';
import { RequestService } from './execution/request.service.js';
import { SubmissionService } from './execution/submission.service.js';
import { ExternalRepository } from './external/external.repository.js';
import { ExternalRpc } from './external/external.rpc.js';
import { ExternalRunner } from './external/external.runner.js';
import { ExternalService } from './external/external.service.js';
import { ExternalSubmission } from './external/external.submission.js';
import { BLOBS, HoldService } from './hold/hold.service.js';
import { JournalPartitionWorker } from './journal/journal-partition.worker.js';
import { JournalRetentionWorker } from './journal/journal-retention.worker.js';
import { Journal } from './journal/journal.js';
import { JournalRpc } from './journal/journal.rpc.js';
import { KillSwitchGate } from './kill-switch/kill-switch.gate.js';
import { KillSwitchWorker } from './kill-switch/kill-switch.worker.js';
import { PlaybookRpc } from './playbook/playbook.rpc.js';
import { PlaybookService } from './playbook/playbook.service.js';
import { Bubblewrap } from './sandbox/bubblewrap.js';
import { StepAnalyser } from './step/step.analyser.js';
import { StepHistory } from './step/step.history.js';
import { StepRunner } from './step/step.runner.js';
import { ToolRegistry } from './tool/tool.registry.js';
import { DeadLeaseWorker } from './work/dead-lease.worker.js';
import { TableWorkSource } from './work/work-source.worker.js';
import { WORK_SOURCE } from './work/work-source.js';
import { WorkRepository, WorkSignal } from './work/work.repository.js';
import { WorkspaceService } from './workspace/workspace.service.js';

@Module({
  controllers: [ActionRpc, ExecutionRpc, ExternalRpc, JournalRpc, PlaybookRpc],
  providers: [
    {
      provide: BLOBS,
      inject: [PLATFORM],
      useFactory: ({ home }: Platform) => DirectoryBlobStore.open(join(home, 'blobs')),
    },
    {
      provide: Sealer,
      inject: [PLATFORM],
      useFactory: ({ home }: Platform) => Sealer.open(join(home, 'executor.key')),
    },
    {
      provide: SANDBOX,
      inject: [PLATFORM],
      useFactory: ({ home }: Platform) =>
        Bubblewrap.probe({ searchPath: `/usr/local/bin:/usr/bin:/bin:${join(home, 'bin')}` }),
    },
    { provide: WORK_SOURCE, useClass: TableWorkSource },
    ActionEffect,
    ActionEditor,
    ActionGate,
    ActionRepository,
    ActionRunner,
    ActionTool,
    ActionUndo,
    ActionVersions,
    AdmissionRunner,
    ApprovalWatch,
    BudgetGate,
    DeadLeaseWorker,
    DecisionTeller,
    ExecutionConsumers,
    ExecutionDrive,
    ExecutionFinisher,
    ExecutionRepository,
    ExecutionRunner,
    ExecutionService,
    ExecutionWorker,
    ExternalRepository,
    ExternalRunner,
    ExternalService,
    ExternalSubmission,
    HoldService,
    Journal,
    JournalPartitionWorker,
    JournalRetentionWorker,
    KillSwitchGate,
    KillSwitchWorker,
    PlaybookService,
    StepAnalyser,
    StepHistory,
    StepRunner,
    RequestService,
    SubmissionService,
    ToolRegistry,
    WorkRepository,
    WorkSignal,
    WorkspaceService,
  ],
})
export class ExecutorModule {}
