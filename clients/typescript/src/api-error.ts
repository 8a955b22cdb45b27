/** A place in the input and what is wrong there; `path` is a JSON Pointer, empty for the whole of it. */
export interface LocatedProblem {
  path: string;
  message: string;
}

interface Problem {
  status: number;
  /** `<noun>.<what>`. */
  code: string;
  message: string;
  errors?: LocatedProblem[];
  request_id?: string | null;
  /** Seconds. */
  retry_after?: number | null;
}

/** SpecTrace answered, and the answer was no (RFC 9457). */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly errors: LocatedProblem[];
  /** Finds the request in the server's log. */
  readonly request_id: string | null;
  /** Seconds until it is worth trying again; null when the server did not say. */
  readonly retry_after: number | null;

  constructor({ status, code, message, errors = [], request_id = null, retry_after = null }: Problem) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
    this.request_id = request_id;
    this.retry_after = retry_after;
  }
}

/** 401: nobody is signed in, or not any more. */
export class AuthenticationError extends ApiError {
  override readonly name = 'AuthenticationError';
}

/** 404. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}

/** 429. */
export class RateLimitError extends ApiError {
  override readonly name = 'RateLimitError';
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
};

/** Why a connection failed, in words: Node hides the reason in codes and causes. */
export const connectionReason = (error: unknown): string => {
  const { name, code, message, cause } = (error ?? {}) as {
    name?: string;
    code?: string;
    message?: string;
    cause?: unknown;
  };
  if (name === 'TimeoutError') return 'no answer in time';
  if (typeof code === 'string' && REASONS[code]) return REASONS[code];
  return cause ? connectionReason(cause) : message || code || 'the connection keeps breaking';
};

/** SpecTrace did not answer at all, or not in time. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code = 'connection.failed';

  constructor(
    readonly url: string,
    why: string,
    options?: ErrorOptions,
  ) {
    super(`SpecTrace does not answer at ${url}: ${why}.`, options);
  }
}

const CLASSES: Readonly<Record<number, typeof ApiError>> = {
  401: AuthenticationError,
  404: NotFoundError,
  429: RateLimitError,
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const problemsOf = (value: unknown): LocatedProblem[] =>
  Array.isArray(value)
    ? value.filter((one): one is LocatedProblem => typeof one?.path === 'string' && typeof one.message === 'string')
    : [];

/**
 * A refusal as an error, whoever wrote it: something in front of SpecTrace answers without a problem document.
 * @param text the body
 * @param retryAfter seconds
 */
export const apiErrorOf = (status: number, text: string, retryAfter: number | null = null): ApiError => {
  const body = jsonOf(text);
  const problem = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  return new (CLASSES[status] ?? ApiError)({
    status,
    code: textOf(problem['code']) ?? 'answer.unknown',
    message: textOf(problem['detail']) ?? `The answer was ${status} and not one of SpecTrace.`,
    errors: problemsOf(problem['errors']),
    request_id: textOf(problem['request_id']) ?? null,
    retry_after: retryAfter,
  });
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
