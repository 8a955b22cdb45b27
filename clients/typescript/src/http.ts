import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { apiErrorOf, connectionReason, ConnectionError } from './api-error.js';
import type { CallAnswer, CallInput, Method, OperationOf, PathOf } from './http.types.js';
import { retryAfterOf, retryInMs } from './retry.rules.js';

const TIMEOUT_MS = 30_000;

export interface HttpOptions {
  /** Without a path, `https://spectrace.example.org`. */
  baseUrl: string;
  /** Read before every attempt. */
  token: () => string | null;
  /** The team to act in; absent: the one signed in to. */
  team?: string;
  fetch: typeof fetch;
}

interface AnyInput {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  creates?: true;
  timeoutMs?: number;
}

interface Answer {
  status: number;
  text: string;
  retryAfterMs: number | null;
}

const urlOf = (baseUrl: string, path: string, { path: names = {}, query = {} }: AnyInput): string => {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(names[name]!));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return `${baseUrl}${filled}${search ? `?${search}` : ''}`;
};

/**
 * Typed HTTP with retries: up to 3, for what may be sent twice without doing anything twice, which is GET, and POST with
 * an Idempotency-Key; creating calls get a key that stays the same over attempts.
 */
export class Http {
  constructor(private readonly options: HttpOptions) {}

  /** @throws ApiError, ConnectionError */
  async call<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    input: CallInput<OperationOf<M, P>>,
  ): Promise<CallAnswer<OperationOf<M, P>>> {
    return (await this.send(method, path, input)) as CallAnswer<OperationOf<M, P>>;
  }

  private async send(method: Method, path: string, input: AnyInput): Promise<unknown> {
    const url = urlOf(this.options.baseUrl, path, input);
    const key = input.creates ? randomUUID() : null;
    const repeatable = method === 'get' || key !== null;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.attempt(method, url, input, key);
      if ('status' in outcome && outcome.status < 300) return readBody(outcome);
      const { status, retryAfterMs } = 'status' in outcome ? outcome : { status: null, retryAfterMs: null };
      const waitMs = retryInMs({ attempt, repeatable, status, retryAfterMs, jitter: Math.random() });
      if (waitMs === null) throw 'status' in outcome ? refusal(outcome) : outcome;
      await pause(waitMs);
    }
  }

  private async attempt(
    method: Method,
    url: string,
    input: AnyInput,
    key: string | null,
  ): Promise<Answer | ConnectionError> {
    const token = this.options.token();
    const { team } = this.options;
    try {
      const response = await this.options.fetch(url, {
        method: method.toUpperCase(),
        headers: {
          accept: 'application/json',
          ...(input.body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(team !== undefined && { 'x-team-id': team }),
          ...(key !== null && { 'idempotency-key': key }),
        },
        body: input.body === undefined ? undefined : JSON.stringify(input.body),
        redirect: 'manual', // a token goes where it was meant to go, and nowhere else
        signal: AbortSignal.timeout(input.timeoutMs ?? TIMEOUT_MS),
      });
      const retryAfterMs = retryAfterOf(response.headers.get('retry-after'), Date.parse, Date.now());
      return { status: response.status, text: await response.text(), retryAfterMs };
    } catch (cause) {
      return new ConnectionError(this.options.baseUrl, connectionReason(cause), { cause });
    }
  }
}

const refusal = ({ status, text, retryAfterMs }: Answer): Error =>
  apiErrorOf(status, text, retryAfterMs === null ? null : Math.ceil(retryAfterMs / 1_000));

const readBody = (answer: Answer): unknown => {
  if (answer.text === '') return undefined;
  try {
    return JSON.parse(answer.text);
  } catch {
    throw apiErrorOf(answer.status, answer.text);
  }
};
