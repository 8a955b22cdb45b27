import { type CallContext, governance } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';

@Controller()
export class BudgetController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'GET',
    path: '/api/budgets',
    needs: 'budget.read',
    limit: 'general',
    input: governance.ListBudgets,
    answers: { 200: governance.BudgetPage },
    doc: "The team's budgets with what is spent and reserved, newest first.",
  })
  listBudgets(input: governance.ListBudgets, ctx: CallContext): Promise<governance.BudgetPage> {
    return this.bus.call(ctx, governance.budget.list, input);
  }

  @Endpoint({
    method: 'PUT',
    path: '/api/budgets',
    needs: 'budget.write',
    limit: 'general',
    input: governance.PutBudget,
    answers: { 200: governance.BudgetView },
    doc: 'Makes or changes the one budget of this scope, target, dimension and period; with neither limit it is removed. What is spent stays; runs it had paused look again.',
  })
  putBudget(input: governance.PutBudget, ctx: CallContext): Promise<governance.BudgetView> {
    return this.bus.call(ctx, governance.budget.put, input);
  }
}
