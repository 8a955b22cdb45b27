import type { components, operations } from './generated/api.js';

type Schema<N extends keyof components['schemas']> = components['schemas'][N];
type Query<O extends keyof operations> = NonNullable<operations[O]['parameters']['query']>;

export type AccessToken = Schema<'AccessToken'>;
export type Me = Schema<'Me'>;
export type SignInMethods = Schema<'SignInMethods'>;
export type RunPrediction = Schema<'RunPrediction'>;
export type PredictRun = Schema<'PredictRun'>;
export type SubmitExecution = Omit<Schema<'Execute'>, 'wait'>;
export type Execution = Schema<'ExecutionView'>;
export type ExecutionResult = Schema<'ExecutionResult'>;
export type ExecutionStatus = Execution['status'];
export type Step = Schema<'StepView'>;
export type Action = Schema<'ActionView'>;
export type Frame = Schema<'Frame'>;
export type FramePage = Schema<'JournalPage'>;
export type Approval = Schema<'ApprovalView'>;
export type Autonomy = Schema<'AutonomyStatus'>;
export type KillSwitch = Schema<'KillSwitchView'>;
export type EngageKillSwitch = Schema<'EngageKillSwitch'>;
export type ListKillSwitches = Query<'listKillSwitches'>;
export type Budget = Schema<'BudgetView'>;
export type PutBudget = Schema<'PutBudget'>;
export type ListBudgets = Query<'listBudgets'>;
export type Violation = Schema<'ViolationView'>;
export type ListViolations = Query<'listViolations'>;
export type ChangeViolation = Schema<'ChangeViolationBody'>;
export type Bypass = Schema<'BypassView'>;
export type AddBypass = Schema<'AddBypass'>;
/** `digest`: what was looked at. `key`: the same for every attempt at one answer. */
export type Answer = Pick<Schema<'RejectActionBody'>, 'reason' | 'digest'> & { key?: string };
export type Policy = Schema<'PolicyView'>;
export type PolicyOverview = Schema<'PolicyOverview'>;
export type DraftPolicy = Schema<'DraftPolicy'>;
export type EvaluateAction = Schema<'EvaluateAction'>;
export type Evaluation = Schema<'Evaluation'>;
export type ProposeAction = Schema<'ProposeAction'>;
export type LoopAnswer = Schema<'LoopAnswer'>;
export type ListPolicies = Query<'listPolicies'>;
export type Playbook = Schema<'PlaybookView'>;
export type Member = Schema<'MemberView'>;
export type NewMember = Schema<'NewMember'>;
export type Session = Schema<'SessionView'>;
export type ApiKey = Schema<'KeyView'>;
export type ApiKeyChoice = Schema<'KeyChoiceView'>;
export type NewApiKey = Schema<'NewKey'>;
export type CreateApiKey = Schema<'CreateKey'>;
export type StreamTicket = Schema<'StreamTicket'>;
export type Team = Schema<'TeamView'>;
export type TeamRole = Member['role'];
export type ListExecutions = Query<'listExecutions'>;
export type ReadSteps = Query<'listSteps'>;
export type ReadFrames = Query<'listFrames'>;
export type ListApprovals = Query<'listApprovals'>;
export type ListBypasses = Query<'listBypasses'>;
export type ListPlaybooks = Query<'listPlaybooks'>;
export type ListMembers = Query<'listMembers'>;
export type ListTeams = Query<'listTeams'>;
export type ListKeys = Query<'listKeys'>;

/** `next_cursor` is the `cursor` of the next page; null or absent on the last one. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}
