import type { prediction } from '#contracts';
import { Timed } from '#service';
import { Injectable } from '@nestjs/common';
import { readState } from '../analysis/state.rules.js';
import { visible } from '../visible/visible.rules.js';
import { assessAction } from './assessment.rules.js';

/** Judges proposed actions from what the caller sends; keeps nothing. */
@Injectable()
export class AssessmentService {
  /** @throws AppError `analysis.state_invalid` */
  @Timed('prediction.action.assess')
  assess(input: prediction.AssessAction): prediction.ActionAssessment {
    const { tool, effects, arguments: args, paths, step } = input;
    const state = readState(input.state)?.summary ?? null;
    const { risk, findings } = assessAction({ tool, effects, arguments: args, target: { paths }, step, state });
    return { risk, findings: findings.map((finding) => visible({ ...finding, evidence: [finding.evidence] })) };
  }
}
