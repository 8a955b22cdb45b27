import { AppError, isAppError, isUuid, type JsonValue } from '#kernel';
import { tokenInUrl } from '../auth/auth.errors.js';
import { namesToken } from '../auth/origin.rules.js';

const PATH = /^\/ws\/([^/]+)$/;
const COUNT = /^(0|[1-9]\d{0,9})$/;
const MAX_SEQ = 2_147_483_647;

export interface Watch {
  execution_id: string;
  /** Frames after this sequence number. */
  after: number;
}

/** Why a connection ends; the reader is told. */
export interface Closing {
  code: string;
  message: string;
}

export const COMPLETED: Closing = { code: 'live.completed', message: 'The run is over and every frame was sent.' };
export const STOPPING: Closing = {
  code: 'service.stopping',
  message: 'The server stops: come back, and resume after the last number you have.',
};
export const UNCHECKED: Closing = {
  code: 'service.unavailable',
  message: 'Your access could not be checked: come back, and resume after the last number you have.',
};
export const SLOW: Closing = {
  code: 'live.slow_reader',
  message: 'You read too slowly: come back, and resume after the last number you have.',
};
export const TALKATIVE: Closing = { code: 'live.too_many_messages', message: 'At most 50 messages in 10 seconds.' };

const CLOSE_CODES: Readonly<Record<string, number>> = {
  [COMPLETED.code]: 1000,
  [STOPPING.code]: 1001,
  [UNCHECKED.code]: 1013,
  [SLOW.code]: 4408,
  [TALKATIVE.code]: 4429,
  'auth.token_expired': 4401,
  'auth.token_invalid': 4401,
  'auth.session_ended': 4401,
  'auth.key_expired': 4401,
  'auth.key_revoked': 4401,
};
const ACCESS_LOST = 4403;

/** The close code of a WebSocket, RFC 6455 section 7.4. */
export const closeCodeOf = ({ code }: Closing): number => CLOSE_CODES[code] ?? ACCESS_LOST;

/** True when the caller may not see what they follow any more; anything else may pass. */
export const isLost = (error: unknown): error is AppError =>
  isAppError(error) && /^(auth|team|execution)\./.test(error.code);

const invalid = (message: string, path: string): AppError =>
  new AppError('input.invalid', message, { details: { errors: [{ path, message }] } });

/** Undefined: a query holds nothing but `allowed` names. A token is refused by its own name. */
export const strayIn = (query: URLSearchParams, allowed: readonly string[]): AppError | undefined => {
  const strays = [...query.keys()].filter((name) => !allowed.includes(name));
  if (strays.some(namesToken)) return tokenInUrl();
  return strays[0] === undefined ? undefined : invalid(`unknown query parameter "${strays[0]}"`, `/${strays[0]}`);
};

export const queryOf = (url: string): URLSearchParams => new URLSearchParams(url.split('?', 2)[1] ?? '');

/** A sequence number as text, null when it is none. */
export const seqOf = (text: string): number | null =>
  COUNT.test(text) && Number(text) <= MAX_SEQ ? Number(text) : null;

export const isSeq = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_SEQ;

/** What a client wants to follow by `/ws/{execution_id}?after=N`, and the one-time ticket it brings, or why it cannot. */
export const watchOf = (url: string): (Watch & { ticket?: string }) | AppError => {
  const id = PATH.exec(url.split('?', 1)[0]!)?.[1];
  if (id === undefined) return new AppError('route.not_found', 'There is nothing here.');
  const query = queryOf(url);
  const stray = strayIn(query, ['after', 'ticket']);
  if (stray) return stray;
  if (!isUuid(id)) return invalid('must be a UUID in lower case', '/execution_id');
  const [after = '0', ...more] = query.getAll('after');
  const seq = seqOf(after);
  if (seq === null || more.length > 0) return invalid('must be one sequence number, 0 or more', '/after');
  const [ticket, ...others] = query.getAll('ticket');
  if (others.length > 0) return invalid('must be one ticket', '/ticket');
  return { execution_id: id, after: seq, ...(ticket !== undefined && { ticket }) };
};

/** What a client may say on an open socket: start again after a sequence number. */
export const resumeOf = (message: JsonValue): { after: number } | null => {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return null;
  const { type, after, ...rest } = message;
  return type === 'resume' && isSeq(after) && Object.keys(rest).length === 0 ? { after } : null;
};
