import { executor } from '#contracts';
import { FactLog, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { Run } from '../execution/run.js';
import { Journal } from '../journal/journal.js';

/** A fact for each action would cost more than the action's own row; others need not know sooner. */
const TELL_EVERY_STEPS = 25;
const PAGE = 500;
/** A fact holds twice as much. */
const MAX_BYTES = 256 * 1024;

/** Tells others what policy was asked and allowed, in the transaction that remembers how far it has told. */
@Injectable()
export class DecisionTeller {
  constructor(
    private readonly facts: FactLog,
    private readonly journal: Journal,
  ) {}

  /** When enough steps have gone by; the step under way is left for the next time. */
  async tellDue(tx: Tx, run: Run, step: number): Promise<void> {
    if (step - 1 - run.execution.decisions_told >= TELL_EVERY_STEPS) await this.tell(tx, run, step - 1);
  }

  async tellAll(tx: Tx, run: Run): Promise<void> {
    const [{ last }] = await tx.query(`SELECT coalesce(max(step), 0) AS last FROM step WHERE execution_id = $1`, [
      run.execution.id,
    ]);
    await this.tell(tx, run, last);
  }

  private async tell(tx: Tx, run: Run, upTo: number): Promise<void> {
    const { id, decisions_told, decision_input } = run.execution;
    let items = decisions_told < 0 && decision_input ? [decision_input] : [];
    let bytes = 0;
    for (let at = { step: decisions_told, index: Number.MAX_SAFE_INTEGER }; ;) {
      const page = await this.page(tx, id, at, upTo);
      for (const input of page) {
        const size = Buffer.byteLength(JSON.stringify(input));
        if (bytes + size > MAX_BYTES) {
          await this.append(tx, run, items);
          [items, bytes] = [[], 0];
        }
        items.push(input);
        bytes += size;
      }
      if (page.length < PAGE) break;
      at = page.at(-1)!;
    }
    await this.append(tx, run, items);
    await tx.query(`UPDATE execution SET decisions_told = $2 WHERE id = $1`, [id, upTo]);
    run.execution.decisions_told = upTo;
  }

  private async page(
    tx: Tx,
    id: string,
    { step, index }: { step: number; index: number },
    upTo: number,
  ): Promise<executor.AllowedAction[]> {
    const rows = await tx.query(
      `SELECT input FROM action WHERE execution_id = $1 AND (step, index) > ($2, $3::bigint) AND step <= $4
         AND input IS NOT NULL ORDER BY step, index LIMIT ${PAGE}`,
      [id, step, index, upTo],
    );
    return rows.map(({ input }: { input: executor.AllowedAction }) => input);
  }

  private async append(tx: Tx, run: Run, items: executor.AllowedAction[]): Promise<void> {
    if (items.length === 0) return;
    const { id } = run.execution;
    await this.facts.append(tx, run.ctx, executor.actionDecided, {
      aggregate_id: id,
      version: await this.journal.nextFactVersion(tx, id),
      body: { execution_id: id, items },
    });
  }
}
