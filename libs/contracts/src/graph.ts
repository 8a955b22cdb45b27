import { memberChanged } from './gateway/member.js';
import * as governanceAction from './governance/action.js';
import * as governanceApproval from './governance/approval.js';
import * as governanceAutonomy from './governance/autonomy.js';
import * as governanceBudget from './governance/budget.js';
import * as governanceBypass from './governance/bypass.js';
import * as governanceKill from './governance/kill-switch.js';
import * as governanceViolation from './governance/violation.js';
import * as executorAction from './executor/action.js';
import * as governanceEvaluation from './governance/evaluation.js';
import * as governancePolicy from './governance/policy.js';
import { actionDecided } from './executor/decision.js';
import * as executorExecution from './executor/execution.js';
import * as executorJournal from './executor/journal.js';
import * as executorLoop from './executor/loop.js';
import * as executorPlaybook from './executor/playbook.js';
import type { Fact, Live, Rpc } from './message.js';
import * as predictionRun from './prediction/run.js';
import * as predictionStep from './prediction/step.js';
import * as predictionTrace from './prediction/trace.js';

export const SERVICES = ['gateway', 'executor', 'prediction', 'governance'] as const;
export type ServiceName = (typeof SERVICES)[number];

interface Edges {
  /** RPC: the questions it may ask, each by name: who may ask one thing of a service may not ask it another. Acyclic. */
  asks: readonly Rpc<object, object>[];
  /** Facts it consumes, durably. */
  hears: readonly Fact<object>[];
  /** Live views it follows, and facts it looks at as they pass, while somebody watches. Best effort. */
  watches: readonly (Live<object> | Fact<object>)[];
}

/** Who talks to whom. The only list: bus and inbox refuse what it does not say, and the reference is made from it. */
export const graph: Record<ServiceName, Edges> = {
  gateway: {
    asks: [
      executorAction.action.edit,
      ...Object.values(executorExecution.execution),
      ...Object.values(executorJournal.journal),
      ...Object.values(executorLoop.loop),
      ...Object.values(executorPlaybook.playbook),
      predictionRun.run.predict,
      predictionTrace.trace.analyze,
      governanceApproval.approval.list,
      governanceApproval.approval.get,
      governanceApproval.approval.decide,
      governanceApproval.approval.edit,
      ...Object.values(governanceAutonomy.autonomy),
      governanceBudget.budget.list,
      governanceBudget.budget.put,
      ...Object.values(governanceBypass.bypass),
      governanceKill.killSwitch.engage,
      governanceKill.killSwitch.release,
      governanceKill.killSwitch.list,
      ...Object.values(governanceEvaluation.evaluation),
      ...Object.values(governancePolicy.policy),
      ...Object.values(governanceViolation.violation),
    ],
    hears: [],
    watches: [
      executorJournal.journaled,
      executorExecution.executionSubmitted,
      executorExecution.executionFinished,
      governanceApproval.approvalRequested,
      governanceApproval.approvalDecided,
      governanceApproval.approvalVoted,
      governanceApproval.approvalEdited,
      governanceApproval.approvalEscalated,
      governanceApproval.approvalClaimed,
      governanceBypass.bypassAdded,
      governanceBypass.bypassRevoked,
      governanceKill.killRequested,
      governanceKill.killConfirmed,
      governanceKill.killReleased,
      governanceBudget.budgetChanged,
      governanceBudget.budgetReached,
      governanceViolation.violationRecorded,
      governanceViolation.violationChanged,
      governancePolicy.policyPublished,
      memberChanged,
    ],
  },
  executor: {
    // Never what people say: a run must not be able to answer itself.
    asks: [
      predictionRun.run.predict,
      predictionStep.action.assess,
      predictionStep.step.analyze,
      governanceAction.action.decide,
      governanceApproval.approval.get,
      governanceApproval.approval.claim,
      governanceBudget.budget.reserve,
      governanceBudget.budget.settle,
      governanceKill.killSwitch.report,
    ],
    hears: [governanceApproval.approvalDecided, governanceBudget.budgetChanged],
    watches: [governanceApproval.approvalAnswered, governanceKill.killStateChanged],
  },
  prediction: { asks: [], hears: [executorExecution.executionFinished], watches: [] },
  governance: { asks: [], hears: [memberChanged, executorExecution.executionFinished, actionDecided], watches: [] },
};

/** Every question there is, by owner and noun. */
export const catalogues: Record<ServiceName, Record<string, Record<string, Rpc<object, object>>>> = {
  gateway: {},
  executor: {
    action: executorAction.action,
    execution: executorExecution.execution,
    journal: executorJournal.journal,
    loop: executorLoop.loop,
    playbook: executorPlaybook.playbook,
  },
  prediction: {
    run: predictionRun.run,
    action: predictionStep.action,
    step: predictionStep.step,
    trace: predictionTrace.trace,
  },
  governance: {
    action: governanceAction.action,
    approval: governanceApproval.approval,
    autonomy: governanceAutonomy.autonomy,
    budget: governanceBudget.budget,
    bypass: governanceBypass.bypass,
    kill_switch: governanceKill.killSwitch,
    violation: governanceViolation.violation,
    policy: governancePolicy.policy,
    evaluation: governanceEvaluation.evaluation,
  },
};

/** Every fact there is. */
export const facts: readonly Fact<object>[] = [
  memberChanged,
  governanceApproval.approvalRequested,
  governanceApproval.approvalDecided,
  governanceApproval.approvalVoted,
  governanceApproval.approvalEdited,
  governanceApproval.approvalEscalated,
  governanceApproval.approvalClaimed,
  governanceBypass.bypassAdded,
  governanceBypass.bypassRevoked,
  governanceKill.killRequested,
  governanceKill.killConfirmed,
  governanceKill.killReleased,
  governanceBudget.budgetChanged,
  governanceBudget.budgetReached,
  governanceViolation.violationRecorded,
  governanceViolation.violationChanged,
  governancePolicy.policyPublished,
  executorExecution.executionSubmitted,
  executorExecution.executionFinished,
  actionDecided,
];
