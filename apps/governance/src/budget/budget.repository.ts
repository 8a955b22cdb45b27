import type { governance, Principal } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { BudgetState } from './budget.rules.js';

export interface BudgetRow extends BudgetState {
  team_id: string;
  period: governance.BudgetPeriod;
  period_from: Date;
  /** Null: never. */
  resets_at: Date | null;
  changed_by: Principal;
  changed_at: Date;
  fact_version: number;
}

/** What a reservation took of one budget. */
interface Share {
  budget: string;
  dimension: governance.BudgetDimension;
  amount: number;
  /** The period it was taken in; the epoch in milliseconds. */
  period_from: number;
}

/** Ends the key of the row that says of a run with reservations that it is over. */
export const END = '/end';

const PERIOD_FROM = (period: string): string =>
  `CASE ${period} WHEN 'total' THEN to_timestamp(0)
     ELSE date_trunc(${period}, clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' END`;
const COLUMNS = `id, team_id, scope, target, dimension, period, soft::float8, hard::float8, used::float8, reserved::float8,
  period_from, soft_told, hard_told, changed_by, changed_at, fact_version,
  CASE period WHEN 'total' THEN NULL
    ELSE ((period_from AT TIME ZONE 'UTC') + ('1 ' || period)::interval) AT TIME ZONE 'UTC' END AS resets_at`;
const NOW_FROM = PERIOD_FROM('period');
/** Of a period that is over nothing counts any more, also before the first reservation of the next one. */
const AS_OF_NOW = `(
  SELECT id, team_id, scope, target, dimension, period, soft, hard, soft_told, hard_told, changed_by, changed_at, fact_version,
    ${NOW_FROM} AS period_from,
    CASE WHEN period_from = ${NOW_FROM} THEN used ELSE 0 END AS used,
    CASE WHEN period_from = ${NOW_FROM} THEN reserved ELSE 0 END AS reserved
  FROM budget) AS budget`;

@Injectable()
export class BudgetRepository {
  /** Made or changed, and locked; told limits are told again when they change. */
  async put(tx: Tx, team: string, by: Principal, input: governance.PutBudget): Promise<BudgetRow> {
    const { scope, target = '', dimension, period = 'total', soft = null, hard = null } = input;
    await tx.query(
      `INSERT INTO budget (id, team_id, scope, target, dimension, period, soft, hard, period_from, changed_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${PERIOD_FROM('$6')}, $9)
       ON CONFLICT (team_id, scope, target, dimension, period) DO UPDATE
       SET soft = EXCLUDED.soft, hard = EXCLUDED.hard, soft_told = false, hard_told = false,
         changed_by = EXCLUDED.changed_by, changed_at = clock_timestamp(), fact_version = budget.fact_version + 1`,
      [uuidv7(), team, scope, target, dimension, period, soft, hard, by],
    );
    const [row] = await tx.query(
      `SELECT ${COLUMNS} FROM ${AS_OF_NOW} WHERE scope = $1 AND target = $2 AND dimension = $3 AND period = $4`,
      [scope, target, dimension, period],
    );
    return row;
  }

  /** Of a run: its own, its agent's and its team's; locked in one order, with a period that is over begun anew. */
  async lockOf(
    tx: Tx,
    { execution_id, agent_id }: Pick<governance.ReserveBudget, 'execution_id' | 'agent_id'>,
  ): Promise<BudgetRow[]> {
    const ids: { id: string }[] = await tx.query(
      `SELECT id FROM budget
       WHERE scope = 'team' OR (scope = 'agent' AND target = $1) OR (scope = 'execution' AND target = $2)
       ORDER BY id FOR UPDATE`,
      [agent_id, execution_id],
    );
    if (ids.length === 0) return [];
    const wanted = ids.map(({ id }) => id);
    await tx.query(
      `UPDATE budget SET used = 0, reserved = 0, soft_told = false, hard_told = false, period_from = ${PERIOD_FROM('period')}
       WHERE id = ANY($1) AND period_from <> ${PERIOD_FROM('period')}`,
      [wanted],
    );
    return tx.query(`SELECT ${COLUMNS} FROM budget WHERE id = ANY($1) ORDER BY id`, [wanted]);
  }

  /** What was reserved under a key before; null: nothing. */
  async reservation(tx: Tx, key: string): Promise<governance.BudgetAmounts | null> {
    const [row] = await tx.query(`SELECT amounts FROM reservation WHERE key = $1`, [key]);
    return row?.amounts ?? null;
  }

  /** Takes from every budget at once; each update holds the limit by itself, whatever was judged before. */
  async reserve(
    tx: Tx,
    team: string,
    { key, execution_id, over = false }: governance.ReserveBudget,
    budgets: readonly BudgetRow[],
    amounts: governance.BudgetAmounts,
  ): Promise<void> {
    const shares = budgets.flatMap(({ id, dimension, period_from }): Share[] => {
      const amount = amounts[dimension];
      return amount ? [{ budget: id, dimension, amount, period_from: period_from.getTime() }] : [];
    });
    await tx.query(
      `INSERT INTO reservation (team_id, key, execution_id, amounts, shares) VALUES ($1, $2, $3, $4, $5)`,
      [team, key, execution_id, amounts, JSON.stringify(shares)],
    );
    const [, taken] = await tx.query(
      `UPDATE budget SET reserved = reserved + share.amount
       FROM unnest($1::uuid[], $2::bigint[]) AS share(id, amount)
       WHERE budget.id = share.id AND ($3 OR hard IS NULL OR used + reserved + share.amount <= hard)`,
      [shares.map((share) => share.budget), shares.map((share) => share.amount), over],
    );
    if (taken !== shares.length) throw new Error('a budget was judged to have left what it has not');
  }

  /** Of these keys, those that were not settled, from now on settled. */
  async settle(tx: Tx, items: readonly governance.SpentItem[]): Promise<number> {
    const [rows]: [{ key: string; shares: Share[] }[]] = await tx.query(
      `UPDATE reservation SET settled = true WHERE key = ANY($1) AND NOT settled RETURNING key, shares`,
      [items.map(({ key }) => key)],
    );
    const used = new Map(items.map((item) => [item.key, item.used]));
    await this.spend(
      tx,
      rows.flatMap(({ key, shares }) =>
        shares.map((share) => ({ ...share, used: used.get(key)![share.dimension] ?? 0 })),
      ),
    );
    return rows.length;
  }

  /** What a run that is over left reserved is spent in full: nobody will say what it came to. It is known to be over from here on. */
  async settleRest(tx: Tx, executionId: string): Promise<void> {
    const [rows]: [{ shares: Share[] }[]] = await tx.query(
      `UPDATE reservation SET settled = true WHERE execution_id = $1 AND NOT settled RETURNING shares`,
      [executionId],
    );
    await this.spend(
      tx,
      rows.flatMap(({ shares }) => shares.map((share) => ({ ...share, used: share.amount }))),
    );
    await tx.query(
      `INSERT INTO reservation (team_id, key, execution_id, amounts, shares, settled)
       SELECT team_id, execution_id || '${END}', execution_id, '{}', '[]', true FROM reservation WHERE execution_id = $1 LIMIT 1
       ON CONFLICT (team_id, key) DO NOTHING`,
      [executionId],
    );
  }

  async told(tx: Tx, id: string, limit: 'soft' | 'hard'): Promise<number | null> {
    const [[row]] = await tx.query(
      `UPDATE budget SET ${limit}_told = true, fact_version = fact_version + 1
       WHERE id = $1 AND NOT ${limit}_told RETURNING fact_version`,
      [id],
    );
    return row?.fact_version ?? null;
  }

  /** Those that limit something, as of now, newest first; `before` is the last id of the page before. */
  list(
    tx: Tx,
    { scope, target, before, limit }: Omit<governance.ListBudgets, 'cursor'> & { before?: string; limit: number },
  ): Promise<BudgetRow[]> {
    return tx.query(
      `SELECT ${COLUMNS} FROM ${AS_OF_NOW}
       WHERE (soft IS NOT NULL OR hard IS NOT NULL)
         AND ($1::text IS NULL OR scope = $1) AND ($2::text IS NULL OR target = $2) AND ($3::uuid IS NULL OR id < $3)
       ORDER BY id DESC LIMIT $4`,
      [scope ?? null, target ?? null, before ?? null, limit],
    );
  }

  private async spend(tx: Tx, shares: (Share & { used: number })[]): Promise<void> {
    if (shares.length === 0) return;
    const ids = shares.map(({ budget }) => budget);
    await tx.query(`SELECT FROM budget WHERE id = ANY($1) ORDER BY id FOR UPDATE`, [ids]);
    await tx.query(
      `UPDATE budget SET reserved = reserved - spent.amount, used = budget.used + spent.used
       FROM (SELECT id, period_from, sum(amount) AS amount, sum(used) AS used
             FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::float8[]) AS share(id, amount, used, period_from)
             GROUP BY id, period_from) AS spent
       WHERE budget.id = spent.id AND budget.period_from = to_timestamp(spent.period_from / 1000)`,
      [
        ids,
        shares.map(({ amount }) => amount),
        shares.map(({ used }) => used),
        shares.map(({ period_from }) => period_from),
      ],
    );
  }
}
