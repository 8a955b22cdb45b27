import {
  type FactCount,
  parseMessage,
  replayFacts,
  type ReplayFacts,
  retryFacts,
  type Rpc,
  rpcSubject,
  type ServiceName,
} from '#contracts';
import type { Database } from '#persistence';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { isFrom } from './senders.js';
import { toWireError } from './wire.js';

/**
 * Answers the questions about facts that every service answers, whether or not it answers others: an operator's, from
 * the command `facts`. Here is only what they change in the database; relay and inbox do the rest on their next round.
 */
export class FactControl {
  private subscriptions: Subscription[] = [];

  constructor(
    private readonly service: ServiceName,
    private readonly connection: NatsConnection,
    private readonly database: Database,
  ) {}

  start(): void {
    this.answer(replayFacts(this.service), (input) => this.replay(input));
    this.answer(retryFacts(this.service), () => this.retry());
  }

  async stop(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.drain()));
  }

  private answer<I extends object, O extends object>(question: Rpc<I, O>, handle: (input: I) => Promise<O>): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (error || !isFrom(['operator'], message)) return;
      void this.respond(message, async (data) => handle(parseMessage(question.input, data)));
    };
    this.subscriptions.push(this.connection.subscribe(rpcSubject(question), { queue: this.service, callback }));
  }

  private async respond(message: Msg, work: (data: unknown) => Promise<object>): Promise<void> {
    let id: string | undefined;
    const packet = await Promise.resolve()
      .then(() => {
        const question = message.json<{ data: unknown; id: string }>();
        id = question.id;
        return work(question.data);
      })
      .then(
        (response) => ({ response }),
        (failure: unknown) => ({ err: toWireError(failure) }),
      );
    message.respond(JSON.stringify({ ...packet, id, isDisposed: true }));
  }

  /** The facts count as unsent; a new generation, or the stream would take them for duplicates. */
  private replay({ since, types }: ReplayFacts): Promise<FactCount> {
    return this.database.acrossTeams('facts of every team go out again', async (tx) => {
      await tx.query(`UPDATE relay SET generation = generation + 1`);
      const [, facts] = await tx.query(
        `UPDATE fact SET stream_seq = NULL WHERE at >= $1 AND type = ANY($2) AND stream_seq IS NOT NULL`,
        [since, types],
      );
      return { facts };
    });
  }

  /** Dead letters wait again as facts that are due now. Those of older versions have no context and stay. */
  private retry(): Promise<FactCount> {
    return this.database.acrossTeams('dead letters of every team are heard again', async (tx) => {
      const rows = await tx.query(
        `WITH letter AS (DELETE FROM dead_letter WHERE context IS NOT NULL RETURNING *),
           forgotten AS (DELETE FROM inbox WHERE fact_id IN (SELECT fact_id FROM letter))
         INSERT INTO postponed_fact (fact_id, team_id, aggregate_id, version, fact, context, due)
         SELECT fact_id, team_id, (fact->>'aggregate_id')::uuid, (fact->>'version')::integer, fact, context,
           clock_timestamp()
         FROM letter RETURNING fact_id`,
      );
      return { facts: rows.length };
    });
  }
}
