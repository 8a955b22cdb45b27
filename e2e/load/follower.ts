import type { executor } from '#contracts';
import { type Channel, type Cut, type Following } from './channels.js';

/** What one follower saw of one execution over all its connections. */
export interface Seen {
  frames: number;
  cuts: number;
  gaps: number;
  doubles: number;
  /** Connections that ended without being cut. */
  refusals: string[];
}

/** 0..1, the same for the same seed (mulberry32). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

const MOST_FRAMES_BETWEEN_CUTS = 30;
const MOST_REFUSALS = 50;

/**
 * Follows an execution from its first frame to its completion and cuts its own connection `cuts` times, each time after
 * a random number of frames, resuming from the last one. The server's numbers are compared with what was to come: one
 * that was left out is a gap, one that comes again a double.
 */
export const follow = (
  channel: Channel,
  target: Omit<Following, 'after'>,
  cuts: number,
  random: () => number,
): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const seen: Seen = { frames: 0, cuts: 0, gaps: 0, doubles: 0, refusals: [] };
    let last = 0;
    const connect = (): void => {
      const patience = Math.ceil(random() * MOST_FRAMES_BETWEEN_CUTS);
      let heard = 0;
      let over = false;
      const end = (refused?: string): void => {
        if (over) return;
        over = true;
        if (refused) seen.refusals.push(refused);
        if (seen.refusals.length > MOST_REFUSALS) reject(new Error(seen.refusals.slice(0, 5).join(', ')));
        else setImmediate(connect);
      };
      const take = (frame: executor.Frame): void => {
        // What was under way when the line was cut has not arrived.
        if (over) return;
        if (frame.seq <= last) seen.doubles += 1;
        if (frame.seq > last + 1) seen.gaps += 1;
        last = Math.max(last, frame.seq);
        seen.frames += 1;
        heard += 1;
        if (seen.cuts < cuts && heard >= patience) {
          seen.cuts += 1;
          cut();
          end();
        } else if (frame.type === 'completion') {
          over = true;
          cut();
          resolve(seen);
        }
      };
      const cut: Cut = channel({ ...target, after: last }, { frame: take, gone: end });
    };
    connect();
  });
