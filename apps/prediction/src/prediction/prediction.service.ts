import type { CallContext, prediction } from '#contracts';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { toolsNamed } from '../assessment/effects.rules.js';
import { OutcomeRepository } from '../outcome/outcome.repository.js';
import { visible } from '../visible/visible.rules.js';
import { PredictionRepository } from './prediction.repository.js';
import { predictRun } from './prediction.rules.js';

const DEFAULT_MAX_STEPS = 10;

@Injectable()
export class PredictionService {
  constructor(
    private readonly database: Database,
    private readonly outcomes: OutcomeRepository,
    private readonly predictions: PredictionRepository,
  ) {}

  /** Rules and the history of the agent and its team. Every answer is kept. */
  predict(ctx: CallContext, input: prediction.PredictRun): Promise<prediction.RunPrediction> {
    const { task_description, agent_type, max_steps, agent_id, tools } = input;
    return this.database.inTeam(ctx, async (tx) => {
      const foretold = predictRun({
        task_description,
        agent_type,
        max_steps: max_steps ?? DEFAULT_MAX_STEPS,
        tools: toolsNamed(tools ?? []),
        history: await this.outcomes.history(tx, agent_id ?? null),
      });
      const answer: prediction.RunPrediction = visible(foretold);
      await this.predictions.insert(tx, ctx, input, answer);
      return answer;
    });
  }
}
