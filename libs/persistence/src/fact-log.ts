import { type CallContext, type Fact, parseMessage } from '#contracts';
import { afterCommit, AppError, uuidv7 } from '#kernel';
import { withTrace } from '#telemetry';
import type { Tx } from './database.js';

/** Half of what a NATS server takes by default: the relay could never send a larger one, and would stop at it. */
const MAX_FACT_BYTES = 512 * 1024;

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

  /**
   * Returns the fact's id. The fact names the last one of every type that its aggregate had before, by which a consumer
   * knows what it must have heard first.
   * @throws AppError `fact.too_large`, `input.invalid`
   */
  async append<B extends object>(tx: Tx, ctx: CallContext, fact: Fact<B>, entry: NewFact<B>): Promise<string> {
    const id = uuidv7();
    const body = JSON.stringify(entry.body);
    parseMessage(fact.body, JSON.parse(body)); // what no consumer could read is not written
    if (Buffer.byteLength(body) > MAX_FACT_BYTES) {
      throw new AppError('fact.too_large', `A fact holds at most ${MAX_FACT_BYTES} bytes; put the rest into a blob.`);
    }
    await tx.query(
      `INSERT INTO fact (id, team_id, aggregate_id, version, type, body, context, previous)
       SELECT $1, $2, $3, $4::integer, $5, $6, $7, coalesce(jsonb_object_agg(kept.type, kept.id), '{}')
       FROM fact AS last, jsonb_each_text(last.previous || jsonb_build_object(last.type, last.id)) AS named,
         fact AS kept
       WHERE last.aggregate_id = $3 AND last.version = $4::integer - 1 AND kept.id = named.value::uuid`,
      [id, ctx.team, entry.aggregate_id, entry.version, fact.subject, body, contextOfFact(withTrace(ctx))],
    );
    afterCommit(() => this.signal.wake());
    return id;
  }
}

/** Whoever hears the fact has requests of its own, and roles are looked up when they matter. */
const contextOfFact = ({ idempotency_key: _key, ...ctx }: CallContext): CallContext => ({ ...ctx, roles: [] });
