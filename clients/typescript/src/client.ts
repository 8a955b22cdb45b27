import { Http } from './http.js';
import type {
  AccessToken,
  Approval,
  Execution,
  ExecutionResult,
  Frame,
  FramePage,
  ListApprovals,
  ListExecutions,
  ListMembers,
  ListPlaybooks,
  Me,
  Member,
  NewMember,
  Page,
  Playbook,
  PredictRun,
  ReadFrames,
  ReadSteps,
  RunPrediction,
  Step,
  SubmitExecution,
  TeamRole,
} from './types.js';
import { watch, type WatchOptions } from './watch.js';

/** The server answers a waiting request after 290 s at the latest. */
const LONGEST_WAIT_MS = 295_000;

export interface ClientOptions {
  /** Where SpecTrace answers, `http://127.0.0.1:8000`. */
  baseUrl: string;
  /** An access token; absent until `login`. */
  token?: string;
  /** The team to act in; absent: the one signed in to. */
  team?: string;
  fetch?: typeof fetch;
}

/**
 * SpecTrace's public interface. Every method throws ApiError when the answer is no (AuthenticationError, NotFoundError,
 * RateLimitError among them) and ConnectionError when there is none.
 */
export class SpecTraceClient {
  readonly baseUrl: string;
  token: string | null;
  private readonly team: string | undefined;
  private readonly http: Http;

  constructor({ baseUrl, token, team, fetch: send = fetch }: ClientOptions) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    this.token = token ?? null;
    this.team = team;
    this.http = new Http({ baseUrl: this.baseUrl, token: () => this.token, team, fetch: send });
  }

  /** Signs in; later calls use the token, which lives for `expires_in` seconds. */
  async login(email: string, password: string, client?: string): Promise<AccessToken> {
    this.token = null;
    const body = { email, password, ...(client !== undefined && { client }) };
    const answer = await this.http.call('post', '/api/auth/login', { body });
    this.token = answer.access_token;
    return answer;
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

  /** The frames of a run as they happen, each exactly once, until it has ended; see `watch`. */
  watch(executionId: string, options?: WatchOptions): AsyncGenerator<Frame, void> {
    const headers = (): Record<string, string> => ({
      ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
      ...(this.team !== undefined && { 'x-team-id': this.team }),
    });
    return watch({ baseUrl: this.baseUrl, executionId, headers }, options);
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
    cancel: (execution_id: string): Promise<Execution> =>
      this.http.call('post', '/api/executions/{execution_id}/cancel', { path: { execution_id } }),
  };

  readonly approvals = {
    /** What people were asked, newest first. */
    list: (query?: ListApprovals): Promise<Page<Approval>> =>
      this.http.call('get', '/api/autonomy/approvals', { query }),
    get: (id: string): Promise<Approval> => this.http.call('get', '/api/autonomy/approvals/{id}', { path: { id } }),
    approve: (id: string, reason?: string): Promise<Approval> =>
      this.http.call('post', '/api/autonomy/approvals/{id}/approve', { path: { id }, body: { reason } }),
    reject: (id: string, reason: string): Promise<Approval> =>
      this.http.call('post', '/api/autonomy/approvals/{id}/reject', { path: { id }, body: { reason } }),
  };

  readonly playbooks = {
    /** Keeps a playbook file (YAML); the same file twice is one version. */
    register: (source: string): Promise<Playbook> =>
      this.http.call('post', '/api/playbooks', { body: { source }, creates: true }),
    /** The newest version of each. */
    list: (query?: ListPlaybooks): Promise<Page<Playbook>> => this.http.call('get', '/api/playbooks', { query }),
    get: (name: string): Promise<Playbook> => this.http.call('get', '/api/playbooks/{name}', { path: { name } }),
  };

  readonly members = {
    list: (team_id: string, query?: ListMembers): Promise<Page<Member>> =>
      this.http.call('get', '/api/teams/{team_id}/members', { path: { team_id }, query }),
    /** A person new to the installation gets a one-time password, shown in this answer alone. */
    add: (team_id: string, member: { email: string; role: TeamRole; name?: string }): Promise<NewMember> =>
      this.http.call('post', '/api/teams/{team_id}/members', { path: { team_id }, body: member, creates: true }),
    remove: (team_id: string, user_id: string): Promise<void> =>
      this.http.call('delete', '/api/teams/{team_id}/members/{user_id}', { path: { team_id, user_id } }),
  };
}
