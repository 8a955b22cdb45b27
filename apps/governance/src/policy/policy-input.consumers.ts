import { type CallContext, executor } from '#contracts';
import { type Heard, Hears } from '#messaging';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { policyQuestion } from '../action/action.rules.js';
import { PolicyInputRepository } from './policy-input.repository.js';

/** What policy allows is told by the executor, which keeps the input at the intent of the action. */
@Injectable()
export class PolicyInputConsumers {
  constructor(private readonly inputs: PolicyInputRepository) {}

  @Hears(executor.actionDecided)
  async actionDecided({ body, team }: Heard<executor.ActionDecided>, tx: Tx, ctx: CallContext): Promise<void> {
    const { execution_id, items } = body;
    const inputs = items.flatMap((item) => {
      const { driver, path_count, paths, step, index, target_host: host } = item;
      const args = { ...(driver && { driver }) };
      const target = { ...(host && { host }) };
      const question = policyQuestion(ctx, { ...item, execution_id, arguments: args, target }, 0);
      if (question.kind === 'impossible') return [];
      const decided = { ...item, decision: 'allow' as const };
      const inexact = path_count > paths.length;
      return [{ team, execution_id, step, index, request: question.request, inexact, decided }];
    });
    await this.inputs.recordAll(tx, inputs);
  }
}
