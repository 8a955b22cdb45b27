import { factSubject } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Database, FactSignal, Tx } from '#persistence';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { contextHeaders } from './wire.js';
import { FACTS_STREAM } from './stream.js';
import { Loop } from './loop.js';

const SWEEP_MS = 1_000;
const LEASE_S = 10;
const BATCH = 256;

interface StreamPosition {
  created: string;
  last_seq: number;
}

interface UnsentFact {
  position: string;
  id: string;
  team_id: string;
  aggregate_id: string;
  version: number;
  type: string;
  body: object;
  context: never;
  at: Date;
}

/**
 * Publishes a service's committed facts to the stream, in the order of their rows, with the fact id as message id.
 * One relay a service holds the lease; a second one standing by costs a query a second. The publisher repairs: when
 * the stream was recreated or moved back, everything it no longer holds is sent again.
 */
export class Relay {
  private readonly holder = uuidv7();
  private readonly loop: Loop;
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly database: Database,
    private readonly signal: FactSignal,
    onError: (error: unknown) => void,
  ) {
    this.loop = new Loop(() => this.sweep(), SWEEP_MS, onError);
  }

  start(): void {
    this.stopListening = this.signal.listen(() => this.loop.wake());
    this.loop.start();
  }

  async stop(): Promise<void> {
    this.stopListening();
    await this.loop.stop();
    await this.database.acrossTeams('hand the relay lease over', (tx) =>
      tx.query(`UPDATE relay SET holder = NULL, lease_until = '-infinity' WHERE holder = $1`, [this.holder]),
    );
  }

  /** One pass: everything unsent goes out. */
  async sweep(): Promise<void> {
    const stream = await this.position();
    if (!(await this.database.acrossTeams('hold the lease, repair', (tx) => this.lead(tx, stream)))) return;
    for (;;) {
      const batch: UnsentFact[] = await this.database.acrossTeams('facts not yet on the stream', (tx) =>
        tx.query(`SELECT * FROM fact WHERE stream_seq IS NULL ORDER BY position LIMIT ${BATCH}`),
      );
      if (batch.length === 0) return;
      const acknowledged = await this.publish(batch);
      if (acknowledged.length > 0) {
        await this.database.acrossTeams('facts on the stream', (tx) => this.mark(tx, acknowledged));
      }
      if (acknowledged.length < batch.length) throw new Error('the stream did not acknowledge every fact');
    }
  }

  private async lead(tx: Tx, stream: StreamPosition): Promise<boolean> {
    const [[row]] = await tx.query(
      `UPDATE relay SET holder = $1, lease_until = clock_timestamp() + interval '${LEASE_S} seconds'
       WHERE holder = $1 OR lease_until < clock_timestamp()
       RETURNING stream_created, stream_seq`,
      [this.holder],
    );
    if (!row) return false;
    const recreated = row.stream_created !== null && row.stream_created !== stream.created;
    const keptUpTo = recreated ? 0 : Math.min(stream.last_seq, Number(row.stream_seq));
    if (recreated || stream.last_seq < Number(row.stream_seq)) {
      await tx.query(`UPDATE fact SET stream_seq = NULL WHERE stream_seq > $1 AND at > now() - interval '7 days'`, [
        keptUpTo,
      ]);
    }
    await tx.query(`UPDATE relay SET stream_created = $1, stream_seq = $2`, [stream.created, keptUpTo]);
    return true;
  }

  /** Publishes in order; returns the acknowledged head of the batch, so that an aggregate's facts never overtake. */
  private async publish(batch: UnsentFact[]): Promise<{ position: string; seq: number }[]> {
    const stream = jetstream(this.connection);
    const results = await Promise.allSettled(
      batch.map(({ context, position: _position, team_id, at, ...fact }) =>
        stream.publish(
          factSubject({ subject: fact.type } as never),
          JSON.stringify({ ...fact, team: team_id, at: at.toISOString() }),
          { msgID: fact.id, headers: contextHeaders(context) },
        ),
      ),
    );
    const failed = results.findIndex((result) => result.status === 'rejected');
    return results.slice(0, failed < 0 ? undefined : failed).map((result, i) => ({
      position: batch[i]!.position,
      seq: (result as PromiseFulfilledResult<{ seq: number }>).value.seq,
    }));
  }

  private async mark(tx: Tx, sent: { position: string; seq: number }[]): Promise<void> {
    await tx.query(
      `UPDATE fact SET stream_seq = sent.seq
       FROM unnest($1::bigint[], $2::bigint[]) AS sent(position, seq) WHERE fact.position = sent.position`,
      [sent.map((one) => one.position), sent.map((one) => one.seq)],
    );
    await tx.query(`UPDATE relay SET stream_seq = greatest(stream_seq, $1)`, [Math.max(...sent.map((one) => one.seq))]);
  }

  /** Asked directly: a service may read this subject and nothing else of the JetStream API. */
  private async position(): Promise<StreamPosition> {
    const reply = await this.connection.request(`$JS.API.STREAM.INFO.${FACTS_STREAM}`, '', { timeout: 2_000 });
    const info = reply.json<{ created: string; state: { last_seq: number }; error?: { description: string } }>();
    if (info.error) throw new Error(`stream ${FACTS_STREAM}: ${info.error.description}`);
    return { created: info.created, last_seq: info.state.last_seq };
  }
}
