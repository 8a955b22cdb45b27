import { Module } from '@nestjs/common';
import { StepRpc, TraceRpc } from './analysis/analysis.rpc.js';
import { AnalysisService } from './analysis/analysis.service.js';
import { AssessmentRpc } from './assessment/assessment.rpc.js';
import { AssessmentService } from './assessment/assessment.service.js';
import { OutcomeConsumers } from './outcome/outcome.consumers.js';
import { OutcomeRepository } from './outcome/outcome.repository.js';
import { PredictionRepository } from './prediction/prediction.repository.js';
import { PredictionRpc } from './prediction/prediction.rpc.js';
import { PredictionService } from './prediction/prediction.service.js';

@Module({
  controllers: [AssessmentRpc, PredictionRpc, StepRpc, TraceRpc],
  providers: [
    AnalysisService,
    AssessmentService,
    OutcomeConsumers,
    OutcomeRepository,
    PredictionRepository,
    PredictionService,
  ],
})
export class PredictionModule {}
