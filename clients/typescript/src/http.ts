import { apiErrorOf, AuthenticationError, connectionReason, ConnectionError } from './api-error.js';
import type { CallAnswer, CallInput, Method, OperationOf, PathOf } from './http.types.js';
import { retryAfterOf, retryInMs } from './retry.rules.js';

const TIMEOUT_MS = 30_000;
/** The first may only find a token that somebody else got, and that has expired too. */
const MAX_RENEWALS = 2;
export const TOKEN_EXPIRED = 'auth.token_expired';

export interface HttpOptions {
  /** Without a path, `https://spectrace.example.org`; empty in a page of that host. */
  baseUrl: string;
  /** Who asks, in which team; read before every attempt. */
  headers: () => Record<string, string>;
  /** Called when the access token has expired; true: `headers` has another. Throws when nobody is signed in any more. */
  renew?: () => Promise<boolean>;
  fetch: typeof fetch;
}

interface AnyInput {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  creates?: true;
  key?: string;
  timeoutMs?: number;
}

interface Answer {
  status: number;
  text: string;
  retryAfterMs: number | null;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** 128 random bits; `crypto.randomUUID` is missing in pages that did not come over TLS or from loopback. */
export const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const urlOf = (baseUrl: string, path: string, { path: names = {}, query = {} }: AnyInput): string => {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(names[name]!));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return `${baseUrl}${filled}${search ? `?${search}` : ''}`;
};

/**
 * Typed HTTP with retries: up to 3, for what may be sent twice without doing anything twice, which is GET, and POST with
 * an Idempotency-Key; creating calls get a key that stays the same over attempts, unless they bring one.
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

  /** A call with an expired token was refused before anything was done: it is made again with the next token. */
  private async send(method: Method, path: string, input: AnyInput): Promise<unknown> {
    for (let renewals = 0; ; renewals += 1) {
      try {
        return await this.sendWithRetries(method, path, input);
      } catch (error) {
        const expired = error instanceof AuthenticationError && error.code === TOKEN_EXPIRED;
        if (!expired || renewals === MAX_RENEWALS || !(await this.options.renew?.())) throw error;
      }
    }
  }

  private async sendWithRetries(method: Method, path: string, input: AnyInput): Promise<unknown> {
    const url = urlOf(this.options.baseUrl, path, input);
    const key = input.creates ? (input.key ?? randomKey()) : null;
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
    try {
      const response = await this.options.fetch(url, {
        method: method.toUpperCase(),
        headers: {
          accept: 'application/json',
          ...(input.body !== undefined && { 'content-type': 'application/json' }),
          ...this.options.headers(),
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
