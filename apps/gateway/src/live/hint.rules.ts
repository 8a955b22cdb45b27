import type { Permission } from '../auth/permission.rules.js';

/** What the console may have read, and who may read it. */
const READERS = {
  'approval.changed': 'approval.read',
  'approval.decided': 'approval.read',
  'approval.escalated': 'approval.read',
  'approval.requested': 'approval.read',
  'budget.changed': 'budget.read',
  'budget.reached': 'budget.read',
  'bypass.changed': 'approval.decide',
  'execution.changed': 'execution.read',
  'execution.finished': 'execution.read',
  'execution.submitted': 'execution.read',
  'kill.confirmed': 'kill.read',
  'kill.released': 'kill.read',
  'kill.requested': 'kill.read',
  'member.changed': 'member.read',
  'policy.published': 'policy.read',
  'violation.changed': 'violation.read',
  'violation.recorded': 'violation.read',
} as const satisfies Record<string, Permission>;

export type HintType = keyof typeof READERS;

/** Something changed; what it is has to be read. */
export interface Hint {
  type: HintType;
  /** Of the execution, the approval, the bypass, the budget, the kill switch, the policy, the violation or the membership. */
  id: string;
}

export const mayHear = (permissions: readonly Permission[], { type }: Pick<Hint, 'type'>): boolean =>
  permissions.includes(READERS[type]);

/** True when a team's room has anything to say to somebody with these permissions. */
export const hasEars = (permissions: readonly Permission[]): boolean =>
  Object.values(READERS).some((needed) => permissions.includes(needed));

export const HINT_WINDOW_MS = 250;

/**
 * At most one hint per id and window: the first at once, the last at the window's end. Times are any monotonic
 * milliseconds. Holds the ids of the last window alone.
 */
export class HintWindows {
  private readonly windows = new Map<string, { endMs: number; again: boolean }>();

  /** True: tell it now. False: `due` will. */
  offer(id: string, nowMs: number): boolean {
    const open = this.windows.get(id);
    if (open) {
      open.again = true;
      return false;
    }
    this.windows.set(id, { endMs: nowMs + HINT_WINDOW_MS, again: false });
    return true;
  }

  /** What has to be told once its window has ended; that opens the next one. */
  due(nowMs: number): string[] {
    const ended = [...this.windows].filter(([, { endMs }]) => endMs <= nowMs);
    for (const [id] of ended) this.windows.delete(id);
    const due = ended.filter(([, { again }]) => again).map(([id]) => id);
    for (const id of due) this.offer(id, nowMs);
    return due;
  }

  get isEmpty(): boolean {
    return this.windows.size === 0;
  }
}
