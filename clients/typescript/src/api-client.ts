import type { Http } from './http.js';
import type {
  AccessToken,
  AddBypass,
  Answer,
  ApiKey,
  ApiKeyChoice,
  Approval,
  Autonomy,
  Budget,
  Bypass,
  ChangeViolation,
  CreateApiKey,
  EngageKillSwitch,
  DraftPolicy,
  EvaluateAction,
  Evaluation,
  Execution,
  ExecutionResult,
  FramePage,
  KillSwitch,
  ListBudgets,
  ListApprovals,
  ListBypasses,
  ListExecutions,
  ListKeys,
  ListKillSwitches,
  ListMembers,
  ListPlaybooks,
  ListPolicies,
  ListTeams,
  ListViolations,
  LoopAnswer,
  Me,
  Member,
  NewApiKey,
  NewMember,
  Page,
  Playbook,
  Policy,
  PolicyOverview,
  PredictRun,
  ProposeAction,
  PutBudget,
  ReadFrames,
  ReadSteps,
  RunPrediction,
  Session,
  SignInMethods,
  Step,
  StreamTicket,
  SubmitExecution,
  Team,
  TeamRole,
  Violation,
} from './types.js';

/** The server answers a waiting request after 290 s at the latest. */
const LONGEST_WAIT_MS = 295_000;
/** A bundle on trial waits for those before it. */
const TRIAL_WAIT_MS = 290_000;

/**
 * SpecTrace's public interface over HTTP, in Node and in a page. Every method throws ApiError when the answer is no
 * (AuthenticationError, NotFoundError, RateLimitError among them) and ConnectionError when there is none.
 */
export class ApiClient {
  constructor(private readonly http: Http) {}

  /** How people sign in there; nobody has to be signed in to ask. */
  signInMethods(): Promise<SignInMethods> {
    return this.http.call('get', '/api/auth/methods', {});
  }

  /** Signs in: answers an access token, and in a page leaves a session cookie. */
  login(email: string, password: string, client?: string): Promise<AccessToken> {
    const body = { email, password, ...(client !== undefined && { client }) };
    return this.http.call('post', '/api/auth/login', { body });
  }

  /** Keeps the session of a page alive; its cookie proves who asks. */
  refresh(): Promise<AccessToken> {
    return this.http.call('post', '/api/auth/refresh', { body: {} });
  }

  logout(): Promise<void> {
    return this.http.call('post', '/api/auth/logout', { body: {} });
  }

  /** A ticket for one live connection, good once and for `expires_in` seconds. */
  streamTicket(): Promise<StreamTicket> {
    return this.http.call('post', '/api/stream-tickets', {});
  }

  me(): Promise<Me> {
    return this.http.call('get', '/api/auth/me', {});
  }

  changePassword(old: string, replacement: string): Promise<void> {
    return this.http.call('post', '/api/auth/password', { body: { old, new: replacement } });
  }

  /** How risky a run would be, without running it. */
  predict(run: PredictRun): Promise<RunPrediction> {
    return this.http.call('post', '/api/predict', { body: run });
  }

  /** Submits a task; with `wait` the answer is its result, or after 290 s the execution as it stands. */
  execute(task: SubmitExecution, { wait = false } = {}): Promise<Execution | ExecutionResult> {
    return this.http.call('post', '/api/execute', {
      body: { ...task, ...(wait && { wait }) },
      creates: true,
      ...(wait && { timeoutMs: LONGEST_WAIT_MS }),
    });
  }

  /**
   * Before an agent that runs elsewhere acts: only `allow` is a yes. `key` names this one action for ever: with the same key
   * it is decided and counted once, and told what people have said meanwhile.
   */
  propose(action: ProposeAction, key: string): Promise<LoopAnswer> {
    return this.http.call('post', '/loop/execute', { body: action, creates: true, key });
  }

  readonly executions = {
    /** The team's runs, newest first. */
    list: (query?: ListExecutions): Promise<Page<Execution>> => this.http.call('get', '/api/executions', { query }),
    get: (execution_id: string): Promise<ExecutionResult> =>
      this.http.call('get', '/api/executions/{execution_id}', { path: { execution_id } }),
    steps: (execution_id: string, query?: ReadSteps): Promise<Page<Step>> =>
      this.http.call('get', '/api/executions/{execution_id}/steps', { path: { execution_id }, query }),
    frames: (execution_id: string, query?: ReadFrames): Promise<FramePage> =>
      this.http.call('get', '/api/executions/{execution_id}/frames', { path: { execution_id }, query }),
    /** Asks a run to end; what is under way is undone. */
    cancel: (execution_id: string, reason?: string): Promise<Execution> =>
      this.http.call('post', '/api/executions/{execution_id}/cancel', { path: { execution_id }, body: { reason } }),
    /** Asks a run to stop before its next action and to keep its place. */
    pause: (execution_id: string, reason?: string): Promise<Execution> =>
      this.http.call('post', '/api/executions/{execution_id}/pause', { path: { execution_id }, body: { reason } }),
    resume: (execution_id: string, reason?: string): Promise<Execution> =>
      this.http.call('post', '/api/executions/{execution_id}/resume', { path: { execution_id }, body: { reason } }),
    /** Asks for everything the run changed to be put back, while it runs or after it ended. */
    rollback: (execution_id: string, reason?: string): Promise<Execution> =>
      this.http.call('post', '/api/executions/{execution_id}/rollback', { path: { execution_id }, body: { reason } }),
  };

  readonly approvals = {
    /** What people were asked, newest first. */
    list: (query?: ListApprovals): Promise<Page<Approval>> =>
      this.http.call('get', '/api/autonomy/approvals', { query }),
    get: (id: string): Promise<Approval> => this.http.call('get', '/api/autonomy/approvals/{id}', { path: { id } }),
    /**
     * With `arguments`, says yes to those instead; `digest` names the version that was looked at. A `key` that is kept
     * until there is an answer makes a repeat the same answer.
     */
    approve: (id: string, answer: Answer & { arguments?: Record<string, unknown> } = {}): Promise<Approval> => {
      const { key, ...body } = answer;
      return this.http.call('post', '/api/autonomy/approvals/{id}/approve', { path: { id }, body, creates: true, key });
    },
    reject: (id: string, answer: Answer & { reason: string }): Promise<Approval> => {
      const { key, ...body } = answer;
      return this.http.call('post', '/api/autonomy/approvals/{id}/reject', { path: { id }, body, creates: true, key });
    },
  };

  /** What approvers let agents do without asking. */
  readonly bypasses = {
    list: (query?: ListBypasses): Promise<Page<Bypass>> => this.http.call('get', '/api/autonomy/bypasses', { query }),
    add: (bypass: AddBypass): Promise<Bypass> =>
      this.http.call('post', '/api/autonomy/bypasses', { body: bypass, creates: true }),
    revoke: (id: string): Promise<Bypass> => this.http.call('delete', '/api/autonomy/bypasses/{id}', { path: { id } }),
  };

  /** How far agents go by themselves now. */
  autonomy(): Promise<Autonomy> {
    return this.http.call('get', '/api/autonomy/status', {});
  }

  readonly killSwitches = {
    /** Those that are not released, newest first, with what is still stopping. */
    list: (query?: ListKillSwitches): Promise<Page<KillSwitch> & { epoch: number }> =>
      this.http.call('get', '/api/autonomy/kill-switch', { query }),
    /** Nothing new of the scope begins later than 0.5 s after the answer. */
    engage: (input: EngageKillSwitch): Promise<KillSwitch> =>
      this.http.call('post', '/api/autonomy/kill-switch', { body: input, creates: true }),
    /** Lets in again by stages. */
    release: (id: string, reason?: string): Promise<KillSwitch> =>
      this.http.call('delete', '/api/autonomy/kill-switch', { body: { id, reason } }),
  };

  readonly budgets = {
    list: (query?: ListBudgets): Promise<Page<Budget>> => this.http.call('get', '/api/budgets', { query }),
    /** The one of its scope, target, dimension and period; a limit that is absent is none. */
    put: (budget: PutBudget): Promise<Budget> => this.http.call('put', '/api/budgets', { body: budget }),
  };

  readonly violations = {
    /** What agents broke, newest first. */
    list: (query?: ListViolations): Promise<Page<Violation>> =>
      this.http.call('get', '/api/governance/violations', { query }),
    get: (id: string): Promise<Violation> => this.http.call('get', '/api/governance/violations/{id}', { path: { id } }),
    change: (id: string, change: ChangeViolation): Promise<Violation> =>
      this.http.call('patch', '/api/governance/violations/{id}', { path: { id }, body: change }),
  };

  /** What would be decided about an action, why, and what would change it; nothing is done. */
  evaluate(action: EvaluateAction): Promise<Evaluation> {
    return this.http.call('post', '/api/governance/evaluate', { body: action });
  }

  readonly policies = {
    /** The bundle in force, its replicas, and what was written, newest first. */
    overview: (query?: ListPolicies): Promise<PolicyOverview> =>
      this.http.call('get', '/api/governance/policies', { query }),
    get: (policy_id: string): Promise<Policy> =>
      this.http.call('get', '/api/governance/policies/{policy_id}', { path: { policy_id } }),
    /** The same files by the same person on the same epoch are one draft. */
    draft: (bundle: DraftPolicy): Promise<Policy> =>
      this.http.call('post', '/api/governance/policies', { body: bundle, creates: true }),
    /** Parses and validates it and runs its tests; the answer is in `check`. */
    validate: (policy_id: string): Promise<Policy> =>
      this.http.call('post', '/api/governance/policies/{policy_id}/validate', {
        path: { policy_id },
        timeoutMs: TRIAL_WAIT_MS,
      }),
    /** Replays what was decided lately; the answer is in `shadow`. */
    shadow: (policy_id: string): Promise<Policy> =>
      this.http.call('post', '/api/governance/policies/{policy_id}/shadow', {
        path: { policy_id },
        timeoutMs: TRIAL_WAIT_MS,
      }),
    /** Asks people for it. */
    publish: (policy_id: string): Promise<Policy> =>
      this.http.call('post', '/api/governance/policies/{policy_id}/publish', { path: { policy_id } }),
    approve: (policy_id: string, reason?: string): Promise<Policy> =>
      this.http.call('post', '/api/governance/policies/{policy_id}/approve', { path: { policy_id }, body: { reason } }),
    reject: (policy_id: string, reason: string): Promise<Policy> =>
      this.http.call('post', '/api/governance/policies/{policy_id}/reject', { path: { policy_id }, body: { reason } }),
    /** Asks for the content of a bundle that was in force. */
    rollback: (policy_id: string, reason: string): Promise<Policy> =>
      this.http.call('post', '/api/governance/policies/{policy_id}/rollback', {
        path: { policy_id },
        body: { reason },
        creates: true,
        timeoutMs: TRIAL_WAIT_MS,
      }),
  };

  readonly playbooks = {
    /** Keeps a playbook file (YAML); the same file twice is one version. */
    register: (source: string): Promise<Playbook> =>
      this.http.call('post', '/api/playbooks', { body: { source }, creates: true }),
    /** The newest version of each. */
    list: (query?: ListPlaybooks): Promise<Page<Playbook>> => this.http.call('get', '/api/playbooks', { query }),
    get: (name: string): Promise<Playbook> => this.http.call('get', '/api/playbooks/{name}', { path: { name } }),
  };

  /** Where the caller is signed in. */
  readonly sessions = {
    list: (): Promise<Page<Session>> => this.http.call('get', '/api/auth/sessions', {}),
    end: (session_id: string): Promise<void> =>
      this.http.call('delete', '/api/auth/sessions/{session_id}', { path: { session_id } }),
  };

  readonly keys = {
    /** The caller's, the newest first; everybody's in the team for who may manage them. */
    list: (query?: ListKeys): Promise<Page<ApiKey>> => this.http.call('get', '/api/keys', { query }),
    /** What the caller can give a key, by its type. */
    choices: (): Promise<{ items: ApiKeyChoice[] }> => this.http.call('get', '/api/keys/choices', {}),
    /** The key itself is in this answer alone. */
    create: (key: CreateApiKey): Promise<NewApiKey> =>
      this.http.call('post', '/api/keys', { body: key, creates: true }),
    /** It is out with its next request. */
    revoke: (id: string): Promise<void> => this.http.call('delete', '/api/keys/{id}', { path: { id } }),
  };

  readonly teams = {
    /** The caller's teams; every team for an installation admin. */
    list: (query?: ListTeams): Promise<Page<Team>> => this.http.call('get', '/api/teams', { query }),
    /** The caller is its first admin. */
    create: (name: string): Promise<Team> => this.http.call('post', '/api/teams', { body: { name }, creates: true }),
  };

  readonly members = {
    list: (team_id: string, query?: ListMembers): Promise<Page<Member>> =>
      this.http.call('get', '/api/teams/{team_id}/members', { path: { team_id }, query }),
    /** A person who has no password of their own yet gets a one-time password, shown in this answer alone. */
    add: (team_id: string, member: { email: string; role: TeamRole; name?: string }): Promise<NewMember> =>
      this.http.call('post', '/api/teams/{team_id}/members', { path: { team_id }, body: member, creates: true }),
    change: (team_id: string, user_id: string, role: TeamRole): Promise<Member> =>
      this.http.call('patch', '/api/teams/{team_id}/members/{user_id}', { path: { team_id, user_id }, body: { role } }),
    /** A new one-time password for a member who cannot sign in, shown in this answer alone; ends their sessions. */
    issuePassword: (team_id: string, user_id: string): Promise<NewMember> =>
      this.http.call('post', '/api/teams/{team_id}/members/{user_id}/one-time-password', {
        path: { team_id, user_id },
        creates: true,
      }),
    remove: (team_id: string, user_id: string): Promise<void> =>
      this.http.call('delete', '/api/teams/{team_id}/members/{user_id}', { path: { team_id, user_id } }),
  };
}
