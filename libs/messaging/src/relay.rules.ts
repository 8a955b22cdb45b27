/** What the relay remembers of the stream. */
export interface Remembered {
  /** The stream's creation time as the server wrote it; null before the first look. */
  created: string | null;
  /** Stream sequence of the witness, the newest fact that was acknowledged; 0 without one. */
  seq: number;
  /** Its id; null without one. */
  witness: string | null;
  /** The stream should still have it. */
  kept: boolean;
}

/** What is there. */
export interface Seen {
  created: string;
  /** The newest fact on the witness's subject, which nobody else publishes. */
  last: { id: string; seq: number } | null;
}

/** `lost`: facts above `keptUpTo` are gone, or may be. */
export type StreamVerdict = { verdict: 'intact' } | { verdict: 'lost'; keptUpTo: number };

/**
 * Whether the stream still holds what was sent. Sequence numbers alone do not tell: a purge keeps them, and a stream
 * that went back to an older copy may have been filled up by other publishers since. The witness tells: a stream only
 * ever loses its newest messages together (moved back), or all (recreated, purged).
 */
export const judgeStream = (remembered: Remembered, seen: Seen): StreamVerdict => {
  const intact = { verdict: 'intact' } as const;
  if (remembered.created !== null && remembered.created !== seen.created) return { verdict: 'lost', keptUpTo: 0 };
  if (remembered.witness === null) return intact;
  if (seen.last === null) return remembered.kept ? { verdict: 'lost', keptUpTo: 0 } : intact;
  // A newer one was published, and this process or its predecessor died before it was marked.
  if (seen.last.seq > remembered.seq) return intact;
  if (seen.last.seq < remembered.seq) return { verdict: 'lost', keptUpTo: seen.last.seq };
  return seen.last.id === remembered.witness ? intact : { verdict: 'lost', keptUpTo: 0 };
};
