import type { CallContext, prediction } from '#contracts';
import { digestOf, type JsonValue, storable, uuidv7 } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { visible } from '../visible/visible.rules.js';

/** What was foretold, kept so that it can be held against what came. */
@Injectable()
export class PredictionRepository {
  /** Keeps the redacted text; `input_digest` is of the whole input, texts made storable, without the execution. */
  async insert(
    tx: Tx,
    ctx: CallContext,
    input: prediction.PredictRun,
    output: prediction.RunPrediction,
  ): Promise<void> {
    const { execution_id, ...asked } = input;
    const { agent_id, agent_type, task_description } = asked;
    const digest = digestOf(JSON.parse(JSON.stringify(asked), storableText) as JsonValue);
    await tx.query(
      `INSERT INTO prediction
         (id, team_id, execution_id, agent_id, agent_type, task_description, input_digest, output, model_version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        uuidv7(),
        ctx.team,
        execution_id ?? null,
        agent_id ?? null,
        agent_type,
        visible(task_description),
        digest,
        JSON.stringify(output),
        output.model_version,
      ],
    );
  }
}

const storableText = (_name: string, value: unknown): unknown => (typeof value === 'string' ? storable(value) : value);
