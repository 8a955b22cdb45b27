import type { ServiceDefinition } from '#service';
import { Predictions1763600001000 } from '../migrations/0001-predictions.js';
import { type Env, predictionEnv } from './env.js';
import { PredictionModule } from './prediction.module.js';

export const prediction: ServiceDefinition<Env> = {
  name: 'prediction',
  module: PredictionModule,
  entities: [],
  migrations: [Predictions1763600001000],
  env: predictionEnv,
};
