import { backOffMs } from './retry.rules.js';

/** Attempts in a row that bring no frame before a watch gives up; about half a minute. */
export const MAX_LOST = 12;

/** The server's words for why it closed a socket. */
const COMPLETED = 1000;
const TOKEN_EXPIRED = 4401;
const ACCESS_LOST = 4403;

/** What a frame is to somebody who has all up to `after`: the next one, an old one, or proof that one is missing. */
export const turnOf = (seq: number, after: number): 'next' | 'seen' | 'gap' => {
  if (seq <= after) return 'seen';
  return seq === after + 1 ? 'next' : 'gap';
};

export interface Loss {
  /** Close code; null when the handshake was refused or never answered. */
  closed: number | null;
  /** HTTP status of a refused handshake. */
  status: number | null;
  retryAfterMs: number | null;
  /** Connections in a row that brought nothing, this one included. */
  lost: number;
  /** 0..1. */
  jitter: number;
}

export type AfterLoss =
  | { then: 'end' }
  | { then: 'reconnect'; inMs: number }
  | { then: 'refuse'; why: 'token_expired' | 'access_lost' | 'refused' | 'unreachable' };

/** What to do about a socket that is gone. */
export const afterLoss = ({ closed, status, retryAfterMs, lost, jitter }: Loss): AfterLoss => {
  if (closed === COMPLETED) return { then: 'end' };
  if (closed === TOKEN_EXPIRED) return { then: 'refuse', why: 'token_expired' };
  if (closed === ACCESS_LOST) return { then: 'refuse', why: 'access_lost' };
  if (status !== null && status < 500 && status !== 429) return { then: 'refuse', why: 'refused' };
  if (lost > MAX_LOST) return { then: 'refuse', why: status === null ? 'unreachable' : 'refused' };
  return { then: 'reconnect', inMs: (retryAfterMs ?? 0) + backOffMs(lost, jitter) };
};
