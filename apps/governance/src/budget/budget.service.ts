import { type CallContext, governance, invalidInput } from '#contracts';
import { isUuid } from '#kernel';
import { Database, FactLog, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { BudgetRepository, type BudgetRow } from './budget.repository.js';
import { assertSensible, judgeReservation, limitText } from './budget.rules.js';

const PAGE = 50;

/** Limits on what runs spend: reserved before, settled after, so that many at once never pass one together. */
@Injectable()
export class BudgetService {
  constructor(
    private readonly database: Database,
    private readonly budgets: BudgetRepository,
    private readonly facts: FactLog,
  ) {}

  /** @throws AppError `budget.target_invalid`, `budget.limits_invalid` */
  put(ctx: CallContext, input: governance.PutBudget): Promise<governance.BudgetView> {
    assertSensible(input);
    return this.database.inTeam(ctx, async (tx) => {
      const row = await this.budgets.put(tx, ctx.team, ctx.principal, input);
      const { id: budget_id, scope, target, dimension, soft, hard } = row;
      await this.facts.append(tx, ctx, governance.budgetChanged, {
        aggregate_id: row.id,
        version: row.fact_version,
        body: { budget_id, scope, target, dimension, soft, hard },
      });
      return view(row);
    });
  }

  /** @throws AppError `input.invalid` for a cursor that is none */
  async list(ctx: CallContext, input: governance.ListBudgets): Promise<governance.BudgetPage> {
    const { scope, target, cursor, limit = PAGE } = input;
    if (cursor !== undefined && !isUuid(cursor)) {
      throw invalidInput([{ path: '/cursor', message: 'must be the next_cursor of the page before' }]);
    }
    const rows = await this.database.inTeam(ctx, (tx) =>
      this.budgets.list(tx, { scope, target, before: cursor, limit: limit + 1 }),
    );
    const items = rows.slice(0, limit).map(view);
    return { items, next_cursor: rows.length > limit ? items.at(-1)!.id : null };
  }

  /** A key is reserved once: a repeat, also after it was settled, is told what was. */
  reserve(ctx: CallContext, input: governance.ReserveBudget): Promise<governance.BudgetReservation> {
    return this.database.inTeam(ctx, async (tx) => {
      const budgets = await this.budgets.lockOf(tx, input);
      const limited = [...new Set(budgets.map(({ dimension }) => dimension))];
      if (budgets.length === 0) return { ...GRANTED, amounts: input.amounts, limited };
      const earlier = await this.budgets.reservation(tx, input.key);
      if (earlier) return { ...GRANTED, amounts: earlier, limited };
      const judged = judgeReservation(budgets, input);
      if (judged.kind === 'exhausted') {
        const exhausted = await this.tell(tx, ctx, judged.budget as BudgetRow, 'hard', input);
        return { granted: false, amounts: {}, limited, warnings: [], exhausted };
      }
      await this.budgets.reserve(tx, ctx.team, input, budgets, judged.amounts);
      const warnings: string[] = [];
      for (const passed of judged.passed) warnings.push(await this.tell(tx, ctx, passed as BudgetRow, 'soft', input));
      return { ...GRANTED, amounts: judged.amounts, limited, warnings };
    });
  }

  settle(ctx: CallContext, { items }: governance.SettleBudget): Promise<governance.BudgetSettlement> {
    return this.database.inTeam(ctx, async (tx) => ({ settled: await this.budgets.settle(tx, items) }));
  }

  private async tell(
    tx: Tx,
    ctx: CallContext,
    row: BudgetRow,
    limit: 'soft' | 'hard',
    { execution_id }: governance.ReserveBudget,
  ): Promise<string> {
    const sentence = limitText(row, limit);
    const version = await this.budgets.told(tx, row.id, limit);
    if (version === null) return sentence;
    const { id: budget_id, scope, target, dimension } = row;
    await this.facts.append(tx, ctx, governance.budgetReached, {
      aggregate_id: row.id,
      version,
      body: { budget_id, limit, scope, target, dimension, execution_id, sentence },
    });
    return sentence;
  }
}

const GRANTED = { granted: true, warnings: [] as string[], exhausted: null };

const view = (row: BudgetRow): governance.BudgetView => ({
  id: row.id,
  scope: row.scope,
  target: row.target || null,
  dimension: row.dimension,
  period: row.period,
  soft: row.soft,
  hard: row.hard,
  used: row.used,
  reserved: row.reserved,
  resets_at: row.resets_at?.toISOString() ?? null,
  changed_by: row.changed_by,
  changed_at: row.changed_at.toISOString(),
});
