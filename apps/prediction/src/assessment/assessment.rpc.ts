import { prediction } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { AssessmentService } from './assessment.service.js';

@Controller()
export class AssessmentRpc implements RpcHandlers<typeof prediction.action> {
  constructor(private readonly assessments: AssessmentService) {}

  @Handles(prediction.action.assess)
  async assess(input: prediction.AssessAction) {
    return this.assessments.assess(input);
  }
}
