import { type CallContext, prediction } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';
import { asOwnAgent } from '../key/key.rules.js';

@Controller()
export class PredictionController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'POST',
    path: '/api/predict',
    needs: 'prediction.ask',
    limit: 'general',
    input: prediction.PredictRun,
    answers: { 200: prediction.RunPrediction },
    doc: 'How risky a run would be, without running it.',
  })
  predict(input: prediction.PredictRun, ctx: CallContext): Promise<prediction.RunPrediction> {
    return this.bus.call(ctx, prediction.run.predict, asOwnAgent(ctx, input));
  }
}
