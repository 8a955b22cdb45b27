/** A right to drive one execution until the lease ends. */
export interface WorkItem {
  execution_id: string;
  team: string;
  /** Higher with every claim: the execution's fencing epoch. */
  attempt: number;
  /** Failed attempts since the run last came forward. */
  failures: number;
  /** Traceparent of what woke it since it last waited; null for the first claim and for a deadline. */
  woken_by?: string | null;
}

/** How a claim ends: done until somebody opens the run again, waiting to be woken, or to be tried again. */
export type WorkEnd =
  | { kind: 'done' }
  /** Woken by `wake`, or at the latest at `wake_at`; by time no sooner than after a second. */
  | { kind: 'waiting'; wake_at: Date | null }
  /** `failures`: failed attempts since the run last came forward, this one included. */
  | { kind: 'again'; delay_ms: number; failures: number };

/** Where executions that want to be driven come from. */
export interface WorkSource {
  /** Whoever has not kept a lease for so long has lost it. */
  readonly leaseMs: number;
  /** At most `limit` items, each leased to the caller alone. */
  claim(limit: number): Promise<WorkItem[]>;
  /** Leases one execution to a caller who cannot wait for its turn; null while another has it, or when it is done. */
  take(execution: Pick<WorkItem, 'execution_id' | 'team'>): Promise<WorkItem | null>;
  /** Keeps the leases; the items that are no longer the caller's are returned. */
  heartbeat(items: WorkItem[]): Promise<WorkItem[]>;
  /** False when the lease was lost meanwhile. */
  finish(item: WorkItem, end: WorkEnd): Promise<boolean>;
}

export const WORK_SOURCE = Symbol('WorkSource');
