import type { CallContext, Fact } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Tx } from './database.js';
import { afterCommit } from './transaction-context.js';

export interface NewFact<B extends object> {
  /** UUID of the row the fact is about. */
  aggregate_id: string;
  /** Gapless per aggregate from 1; the aggregate's row is locked by this transaction. */
  version: number;
  body: B;
}

/** Woken after every commit that wrote a fact; the relay of this process listens. */
export class FactSignal {
  private readonly listeners = new Set<() => void>();

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  wake(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Writes facts in the transaction of the state change they tell about. */
export class FactLog {
  constructor(private readonly signal: FactSignal) {}

  async append<B extends object>(tx: Tx, ctx: CallContext, fact: Fact<B>, entry: NewFact<B>): Promise<string> {
    const id = uuidv7();
    await tx.query(
      `INSERT INTO fact (id, team_id, aggregate_id, version, type, body, context)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, ctx.team, entry.aggregate_id, entry.version, fact.subject, entry.body, ctx],
    );
    afterCommit(() => this.signal.wake());
    return id;
  }
}
