import type { executor } from '#contracts';
import { until } from '#testing';
import { Watcher } from './watcher.js';

const REREAD_MS = 100;
const END_MS = 60_000;
const FRAMES = 1_000;

export interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

export interface Call {
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array;
}

export const call = async (
  url: string,
  method: string,
  path: string,
  { headers = {}, body, raw }: Call = {},
): Promise<Answer> => {
  const answer = await fetch(url + path, {
    method,
    headers: { ...((body !== undefined || raw !== undefined) && { 'content-type': 'application/json' }), ...headers },
    body: (raw ?? (body === undefined ? undefined : JSON.stringify(body))) as RequestInit['body'],
  });
  const text = await answer.text();
  const json = /json/.test(answer.headers.get('content-type') ?? '') && text !== '';
  return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
};

/** Somebody signed in to a suite, as a client sees it: HTTP and `/ws`, nothing else. */
export class Caller {
  private constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  static async signIn(url: string, email: string, password: string): Promise<Caller> {
    const { status, body } = await call(url, 'POST', '/api/auth/login', { body: { email, password } });
    if (status !== 200) throw new Error(`login of ${email}: ${status} ${JSON.stringify(body)}`);
    return new Caller(url, body.access_token);
  }

  /** The same person through another gateway: a token is good at all of them. */
  through(url: string): Caller {
    return new Caller(url, this.token);
  }

  call(method: string, path: string, { headers, ...rest }: Call = {}): Promise<Answer> {
    return call(this.url, method, path, { ...rest, headers: { authorization: `Bearer ${this.token}`, ...headers } });
  }

  get = (path: string): Promise<Answer> => this.call('GET', path);

  post = (path: string, body?: unknown): Promise<Answer> => this.call('POST', path, { body });

  /** Registers a playbook file and returns its name. */
  async register(source: string): Promise<string> {
    const answer = await this.call('POST', '/api/playbooks', {
      raw: source,
      headers: { 'content-type': 'application/yaml' },
    });
    if (answer.status !== 201) throw new Error(`playbook: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.name;
  }

  /** Submits a playbook on a folder; the answer is that of POST /api/execute. */
  execute(playbook: string, folder: string, more: object = {}): Promise<Answer> {
    return this.post('/api/execute', {
      task_description: `Run ${playbook}.`,
      agent_type: 'playbook',
      playbook: { name: playbook },
      workspace: { kind: 'local', path: folder },
      ...more,
    });
  }

  /** Submits a playbook on a folder and returns the id of its execution. */
  async submit(playbook: string, folder: string, more: object = {}): Promise<string> {
    const { status, body } = await this.execute(playbook, folder, more);
    if (status !== 202) throw new Error(`execute: ${status} ${JSON.stringify(body)}`);
    return body.id;
  }

  /** A question dies with the process that was answering it; the answer then says that it may be asked again. */
  async execution(id: string, attempts = 3): Promise<executor.ExecutionResult> {
    const { status, body } = await this.get(`/api/executions/${id}`);
    if (body.retryable && attempts > 1) return this.execution(id, attempts - 1);
    if (status !== 200) throw new Error(`execution ${id}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** The execution once it has ended. */
  ended(id: string, deadlineMs = END_MS): Promise<executor.ExecutionResult> {
    return this.until(id, 'to end', ({ phase }) => phase === 'completed', deadlineMs);
  }

  /** The execution once one of its actions waits for a person. */
  paused(id: string, deadlineMs = END_MS): Promise<executor.ExecutionResult> {
    return this.until(id, 'to wait', ({ status }) => status === 'paused', deadlineMs);
  }

  private until(
    id: string,
    what: string,
    reached: (execution: executor.ExecutionResult) => boolean,
    deadlineMs: number,
  ): Promise<executor.ExecutionResult> {
    const read = async (): Promise<executor.ExecutionResult | null> => {
      const execution = await this.execution(id);
      return reached(execution) ? execution : null;
    };
    return until(`execution ${id} ${what}`, read, deadlineMs, REREAD_MS);
  }

  /** Every frame there is, page by page. */
  async frames(id: string): Promise<executor.Frame[]> {
    const frames: executor.Frame[] = [];
    for (;;) {
      const { body } = await this.get(`/api/executions/${id}/frames?after=${frames.at(-1)?.seq ?? 0}&limit=${FRAMES}`);
      frames.push(...body.items);
      if (frames.length === 0 || frames.at(-1)!.seq >= body.last_seq) return frames;
    }
  }

  /** The one approval that waits in this execution. */
  async pendingApproval(id: string): Promise<string> {
    const { body } = await this.get('/api/autonomy/approvals?status=pending');
    const found = body.items.filter((item: { execution_id: string }) => item.execution_id === id);
    if (found.length !== 1) throw new Error(`${found.length} approvals wait in ${id}`);
    return found[0].id;
  }

  watch(id: string, after?: number): Watcher {
    return new Watcher(this.url, `/ws/${id}${after === undefined ? '' : `?after=${after}`}`, this.token);
  }
}

/** Every action of a run, in order. */
export const actionsOf = ({ execution_trace }: executor.ExecutionResult): executor.ActionView[] =>
  execution_trace.flatMap(({ actions }) => actions);
