import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { EvaluationService } from './evaluation.service.js';

@Controller()
export class EvaluationRpc implements RpcHandlers<typeof governance.evaluation> {
  constructor(private readonly evaluations: EvaluationService) {}

  @Handles(governance.evaluation.evaluate)
  async evaluate(input: governance.EvaluateAction, ctx: CallContext) {
    return this.evaluations.evaluate(ctx, input);
  }
}
