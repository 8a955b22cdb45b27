import { type CallContext, prediction } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { PredictionService } from './prediction.service.js';

@Controller()
export class PredictionRpc implements RpcHandlers<typeof prediction.run> {
  constructor(private readonly predictions: PredictionService) {}

  @Handles(prediction.run.predict)
  predict(input: prediction.PredictRun, ctx: CallContext) {
    return this.predictions.predict(ctx, input);
  }
}
