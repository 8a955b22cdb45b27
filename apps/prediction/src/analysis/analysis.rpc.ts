import { prediction } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { AnalysisService } from './analysis.service.js';

@Controller()
export class StepRpc implements RpcHandlers<typeof prediction.step> {
  constructor(private readonly analysis: AnalysisService) {}

  @Handles(prediction.step.analyze)
  async analyze(input: prediction.AnalyzeStep) {
    return this.analysis.step(input);
  }
}

@Controller()
export class TraceRpc implements RpcHandlers<typeof prediction.trace> {
  constructor(private readonly analysis: AnalysisService) {}

  @Handles(prediction.trace.analyze)
  async analyze(input: prediction.AnalyzeTrace) {
    return this.analysis.trace(input);
  }
}
