import { FACTS_STREAM } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Database, FactSignal, Tx } from '#persistence';
import { inSpan, withTrace } from '#telemetry';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { apiOf } from './connect.js';
import { type FactRow, subjectOf, toFactMessage } from './fact-message.js';
import { sendingSpan } from './fact-span.js';
import { oldestUnsent } from './fact.metrics.js';
import { Loop } from './loop.js';
import { judgeStream, type Remembered, type Seen } from './relay.rules.js';
import { STREAM_DAYS } from './stream.js';
import { streamCreated } from './stream-info.js';

const SWEEP_MS = 1_000;
const ANSWER_MS = 2_000;
const LEASE_S = 5;
const BATCH = 256;

interface Lead extends Remembered {
  witness_type: string | null;
}

interface UnsentFact extends FactRow {
  position: string;
  generation: number;
}

interface Sent {
  position: string;
  id: string;
  seq: number;
}

/**
 * Publishes a service's committed facts to the stream. One relay of a service holds the lease; a second one standing by
 * costs a query a second, and when both believe to hold it, facts are sent twice and none is lost. The publisher
 * repairs: before it sends, it proves by its newest fact that the stream still holds what was sent, and sends the rest
 * again, under new message ids: a stream that was purged still refuses the old ones as duplicates.
 */
export class Relay {
  private readonly holder = uuidv7();
  private readonly loop: Loop;
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly database: Database,
    private readonly signal: FactSignal,
    private readonly onError: (error: unknown) => void,
  ) {
    this.loop = new Loop(() => this.sweep(), SWEEP_MS, onError);
  }

  start(): void {
    this.stopListening = this.signal.listen(() => this.loop.wake());
    this.loop.start();
  }

  /** Sends what was written last, and hands the lease over. What cannot be sent waits for the next relay. */
  async stop(): Promise<void> {
    this.stopListening();
    await this.loop.stop();
    await this.sweep().catch(this.onError);
    await this.database
      .acrossTeams('hand the relay lease over', (tx) =>
        tx.query(`UPDATE relay SET holder = NULL, lease_until = '-infinity' WHERE holder = $1`, [this.holder]),
      )
      .catch(this.onError);
  }

  /** One pass: everything unsent goes out. */
  async sweep(): Promise<void> {
    const lead = await this.database.acrossTeams('hold the lease', (tx) => this.lead(tx));
    if (!lead) return;
    const seen = await this.look(lead);
    const stream = judgeStream(lead, seen);
    if (stream.verdict === 'lost') {
      await this.database.acrossTeams('repair', (tx) => this.repair(tx, seen, stream.keptUpTo));
    } else if (lead.created === null) {
      await this.database.acrossTeams('the first look at the stream', (tx) =>
        tx.query(`UPDATE relay SET stream_created = $1`, [seen.created]),
      );
    }
    for (;;) {
      const batch: UnsentFact[] = await this.database.acrossTeams('facts not yet on the stream', (tx) =>
        tx.query(
          `SELECT fact.*, relay.generation FROM fact, relay WHERE fact.stream_seq IS NULL ORDER BY position LIMIT ${BATCH}`,
        ),
      );
      if (batch.length === 0) return;
      const { sent, failure } = await this.publish(batch);
      if (sent.length > 0) {
        const leading = await this.database.acrossTeams('facts on the stream', (tx) => this.mark(tx, sent));
        if (!leading) return;
      }
      if (failure !== undefined) throw failure;
    }
  }

  private async lead(tx: Tx): Promise<Lead | null> {
    const [oldest] = await tx.query(
      `SELECT extract(epoch FROM clock_timestamp() - at)::float AS age FROM fact
       WHERE stream_seq IS NULL AND sent_at IS NULL ORDER BY position LIMIT 1`,
    );
    oldestUnsent.set({ service: this.database.role }, oldest?.age ?? 0);
    // An hour less than the stream keeps: its clock is not this one.
    const [[row]] = await tx.query(
      `UPDATE relay SET holder = $1, lease_until = clock_timestamp() + interval '${LEASE_S} seconds'
       WHERE holder = $1 OR lease_until < clock_timestamp()
       RETURNING stream_created AS created, stream_seq::float AS seq, witness,
         (SELECT type FROM fact WHERE id = witness) AS witness_type,
         (SELECT sent_at > now() - interval '${STREAM_DAYS} days' + interval '1 hour' FROM fact WHERE id = witness)
           AS kept`,
      [this.holder],
    );
    if (!row) return null;
    return row.witness_type === null ? { ...row, witness: null, kept: false } : row;
  }

  /** Facts above `keptUpTo` count as unsent, all when that is no longer the number of the fact it was. */
  private async repair(tx: Tx, seen: Seen, keptUpTo: number): Promise<void> {
    const [kept] = await tx.query(`SELECT id, stream_seq FROM fact WHERE id = $1 AND stream_seq = $2`, [
      seen.last?.id ?? null,
      keptUpTo,
    ]);
    const [held] = await tx.query(
      `UPDATE relay SET stream_created = $2, stream_seq = $3, witness = $4, generation = generation + 1
       WHERE holder = $1 RETURNING holder`,
      [this.holder, seen.created, kept?.stream_seq ?? 0, kept?.id ?? null],
    );
    if (held.length === 0) return;
    await tx.query(
      `UPDATE fact SET stream_seq = NULL WHERE stream_seq > $1 AND sent_at > now() - interval '${STREAM_DAYS} days'`,
      [kept?.stream_seq ?? 0],
    );
  }

  /** Publishes side by side: the consumers hold the order. */
  private async publish(batch: UnsentFact[]): Promise<{ sent: Sent[]; failure: unknown }> {
    const stream = jetstream(this.connection);
    const results = await Promise.allSettled(
      batch.map((row) =>
        inSpan(sendingSpan(this.database.service, row), async (): Promise<Sent> => {
          const { subject, data, headers } = toFactMessage({ ...row, context: withTrace(row.context) });
          const msgID = row.generation === 0 ? row.id : `${row.id}.${row.generation}`;
          const { seq } = await stream.publish(subject, data, { msgID, headers, timeout: ANSWER_MS });
          return { position: row.position, id: row.id, seq };
        }),
      ),
    );
    const sent = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
    return { sent, failure: results.find((result) => result.status === 'rejected')?.reason };
  }

  /** False when the lease was lost: another relay may have repaired since, so nothing may be said of these facts. */
  private async mark(tx: Tx, sent: Sent[]): Promise<boolean> {
    const newest = sent.reduce((a, b) => (b.seq > a.seq ? b : a));
    const [held] = await tx.query(
      `UPDATE relay SET lease_until = clock_timestamp() + interval '${LEASE_S} seconds',
         witness = CASE WHEN $2 > stream_seq THEN $3 ELSE witness END, stream_seq = greatest(stream_seq, $2)
       WHERE holder = $1 RETURNING holder`,
      [this.holder, newest.seq, newest.id],
    );
    if (held.length === 0) return false;
    await tx.query(
      `UPDATE fact SET stream_seq = sent.seq, sent_at = clock_timestamp()
       FROM unnest($1::bigint[], $2::bigint[]) AS sent(position, seq)
       WHERE fact.position = sent.position AND fact.stream_seq IS NULL`,
      [sent.map((one) => one.position), sent.map((one) => one.seq)],
    );
    return true;
  }

  /** @throws when there is no stream */
  private async look({ witness_type }: Lead): Promise<Seen> {
    const created = await streamCreated(this.connection, ANSWER_MS);
    return { created, last: witness_type === null ? null : await this.newestOn(subjectOf(witness_type)) };
  }

  private async newestOn(subject: string): Promise<Seen['last']> {
    const of = `${apiOf(this.connection)}.DIRECT.GET.${FACTS_STREAM}.${subject}`;
    const reply = await this.connection.request(of, '', { timeout: ANSWER_MS });
    if (reply.headers?.code === 404) return null;
    if (reply.headers?.code) throw new Error(`stream ${FACTS_STREAM}: ${reply.headers.description}`);
    return { id: reply.json<{ id: string }>().id, seq: Number(reply.headers?.get('Nats-Sequence')) };
  }
}
