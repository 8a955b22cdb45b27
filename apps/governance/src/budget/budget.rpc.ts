import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { BudgetService } from './budget.service.js';

@Controller()
export class BudgetRpc implements RpcHandlers<typeof governance.budget> {
  constructor(private readonly budgets: BudgetService) {}

  @Handles(governance.budget.list)
  list(input: governance.ListBudgets, ctx: CallContext) {
    return this.budgets.list(ctx, input);
  }

  @Handles(governance.budget.put)
  put(input: governance.PutBudget, ctx: CallContext) {
    return this.budgets.put(ctx, input);
  }

  @Handles(governance.budget.reserve)
  reserve(input: governance.ReserveBudget, ctx: CallContext) {
    return this.budgets.reserve(ctx, input);
  }

  @Handles(governance.budget.settle)
  settle(input: governance.SettleBudget, ctx: CallContext) {
    return this.budgets.settle(ctx, input);
  }
}
