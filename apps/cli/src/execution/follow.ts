import type { Execution, ExecutionResult, Frame } from '#client';
import type { Cli } from '../cli.js';
import { isWaiting } from '../output/exit.rules.js';

export interface FollowOptions {
  /** Goes on while the run waits for people. */
  patient: boolean;
  /** Called for every frame, in order. */
  tell: (frame: Frame) => void;
}

const saysWaiting = (frame: Frame): boolean =>
  frame.status === 'awaiting_approval' || frame.paused_reason === 'approval';

/**
 * Tells a run from its beginning until it has ended or, without patience, waits for a person now; over as many
 * connections and logins as it takes.
 */
export const follow = async (
  { session }: Cli,
  id: string,
  { patient, tell }: FollowOptions,
): Promise<ExecutionResult> => {
  let after = 0;
  await session.signedIn(async (client) => {
    for await (const frame of client.watch(id, { after })) {
      after = frame.seq;
      tell(frame);
      // The frame may be old news: what was asked then may be answered by now.
      if (!patient && saysWaiting(frame) && isWaiting(await client.executions.get(id))) return;
    }
  });
  return session.signedIn((client) => client.executions.get(id));
};

export const statusText = ({ status, paused_reason }: Pick<Execution, 'status' | 'paused_reason'>): string =>
  paused_reason ? `${status} (${paused_reason})` : status;
