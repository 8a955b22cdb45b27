import type { ServiceDefinition } from '#service';
import { Executions1763600001000 } from '../migrations/0001-executions.js';
import { JournalRetention1763600002000 } from '../migrations/0002-journal-retention.js';
import { Requests1763600003000 } from '../migrations/0003-requests.js';
import { WokenBy1763600004000 } from '../migrations/0004-woken-by.js';
import { OpenRuns1763600005000 } from '../migrations/0005-open-runs.js';
import { OverBudget1763600006000 } from '../migrations/0006-over-budget.js';
import { Approvals1763600007000 } from '../migrations/0007-approvals.js';
import { Taint1763600008000 } from '../migrations/0008-taint.js';
import { Stopped1763600009000 } from '../migrations/0009-stopped.js';
import { ActionEdit } from './action/action-edit.entity.js';
import { Action } from './action/action.entity.js';
import { type Env, executorEnv } from './env.js';
import { Execution } from './execution/execution.entity.js';
import { ExecutorModule } from './executor.module.js';
import { Hold } from './hold/hold.entity.js';
import { PlaybookFile } from './playbook/playbook.entity.js';
import { Step } from './step/step.entity.js';

export const executor: ServiceDefinition<Env> = {
  name: 'executor',
  module: ExecutorModule,
  entities: [Action, ActionEdit, Execution, Hold, PlaybookFile, Step],
  migrations: [
    Executions1763600001000,
    JournalRetention1763600002000,
    Requests1763600003000,
    WokenBy1763600004000,
    OpenRuns1763600005000,
    OverBudget1763600006000,
    Approvals1763600007000,
    Taint1763600008000,
    Stopped1763600009000,
  ],
  env: executorEnv,
};
