import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, AuthenticationError, connectionReason, ConnectionError } from './api-error.js';
import { TOKEN_EXPIRED } from './http.js';
import { LiveConnection } from './live-connection.js';
import type { Frame } from './types.js';
import { type AfterLoss, afterLoss, MAX_LOST, turnOf } from './watch.rules.js';

export interface WatchOptions {
  /** Only frames after this sequence number; default 0: all. */
  after?: number;
  /** Ends the watch with an AbortError. */
  signal?: AbortSignal;
}

interface Target {
  baseUrl: string;
  executionId: string;
  /** Read before every connection. */
  headers: () => Record<string, string>;
  /** Called when the access token has expired; true: `headers` has another. */
  renew: () => Promise<boolean>;
}

/**
 * The frames of one execution as they happen, every sequence number after `after` exactly once and in order, over any
 * number of connections; ends when the run is over and every frame was seen. A run that was rolled back after its end has
 * more than one completion.
 * @throws AuthenticationError, NotFoundError, ApiError; ConnectionError after about half a minute without a connection
 */
export async function* watch(target: Target, { after = 0, signal }: WatchOptions = {}): AsyncGenerator<Frame, void> {
  const url = `${target.baseUrl.replace(/^http/, 'ws')}/ws/${encodeURIComponent(target.executionId)}`;
  let taken = after;
  for (let lost = 0; ;) {
    signal?.throwIfAborted();
    const connection = new LiveConnection(`${url}?after=${taken}`, target.headers(), signal);
    try {
      for await (const frame of connection.frames()) {
        const turn = turnOf(frame.seq, taken);
        if (turn === 'gap') break; // the next connection starts where this one lost its way
        if (turn === 'seen') continue;
        taken = frame.seq;
        lost = 0;
        yield frame;
      }
    } finally {
      connection.close();
    }
    lost += 1;
    const { closed, refusal } = connection;
    const next = afterLoss({
      closed,
      status: refusal?.status ?? null,
      retryAfterMs: refusal?.retry_after ? refusal.retry_after * 1_000 : null,
      lost,
      jitter: Math.random(),
    });
    if (next.then === 'end') return;
    if (next.then === 'refuse') {
      const expired = next.why === 'token_expired' || refusal?.code === TOKEN_EXPIRED;
      if (expired && lost < MAX_LOST && (await target.renew())) continue;
      throw refused(next, connection, target);
    }
    await pause(next.inMs, undefined, { signal });
  }
}

const refused = (
  { why }: Extract<AfterLoss, { then: 'refuse' }>,
  { refusal, failure }: LiveConnection,
  { baseUrl }: Target,
): Error => {
  switch (why) {
    case 'token_expired':
      return new AuthenticationError({
        status: 401,
        code: 'auth.token_expired',
        message: 'The access token has expired; sign in again.',
      });
    case 'access_lost':
      return new ApiError({
        status: 403,
        code: 'auth.access_lost',
        message: 'You may not watch this execution any more.',
      });
    case 'refused':
      return refusal!;
    case 'unreachable':
      return new ConnectionError(baseUrl, connectionReason(failure), { cause: failure });
  }
};
