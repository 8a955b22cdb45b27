import type { Database } from '#persistence';
import type { FactIntake, IntakeOptions } from './fact-intake.js';
import type { FactMessage } from './fact-message.js';
import { Loop } from './loop.js';

const SWEEP_MS = 1_000;
const BATCH = 64;
/** Another process takes over what this one claimed and did not end. */
const CLAIM_S = 30;
/** The database's clock decides what is due; a timer that is early would cost a whole sweep. */
const LATER_MS = 20;

/** Takes postponed facts again when they are due: after a failure, or when their predecessor has acted. */
export class PostponedFacts {
  private readonly loop: Loop;
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly database: Database,
    private readonly intake: () => { facts: FactIntake; options: IntakeOptions },
    onError: (error: unknown) => void,
  ) {
    this.loop = new Loop(() => this.sweep(), SWEEP_MS, onError);
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    await this.loop.stop();
  }

  wake(inMs: number): void {
    if (inMs === 0) return this.loop.wake();
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.loop.wake();
    }, inMs + LATER_MS);
    this.timers.add(timer);
  }

  private async sweep(): Promise<void> {
    for (;;) {
      const claimed = await this.claim();
      for (const row of claimed) {
        const { facts, options } = this.intake();
        const fact = await this.read(row);
        if (fact) await facts.take(fact, options);
      }
      if (claimed.length < BATCH) return;
    }
  }

  private async claim(): Promise<{ id: string; team: string; version: number }[]> {
    const [rows]: [{ id: string; team: string; version: number }[]] = await this.database.acrossTeams(
      'postponed facts that are due, of any team',
      (tx) =>
        tx.query(
          `UPDATE postponed_fact SET due = clock_timestamp() + interval '${CLAIM_S} seconds'
           WHERE fact_id IN (
             SELECT fact_id FROM postponed_fact WHERE due <= clock_timestamp()
             ORDER BY due, version LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
           RETURNING fact_id AS id, team_id AS team, version`,
        ),
    );
    return rows.sort((a, b) => a.version - b.version);
  }

  private async read({ id, team }: { id: string; team: string }): Promise<FactMessage | undefined> {
    const [fact] = await this.database.inTeam({ team }, (tx) =>
      tx.query(`SELECT fact AS heard, context AS ctx FROM postponed_fact WHERE fact_id = $1`, [id]),
    );
    return fact as FactMessage | undefined;
  }
}
