import { type CallContext, executor, prediction } from '#contracts';
import { AppError } from '#kernel';
import { Bus, Handles, type Heard, Hears, type RpcHandlers } from '#messaging';
import { Database, FactLog, type Tx } from '#persistence';
import type { RunningService, ServiceDefinition } from '#service';
import { Controller, Injectable, Module } from '@nestjs/common';

/** What the hearing service was asked to analyze, in this order. */
export const thoughts: string[] = [];
/** What the hearing service has heard, in this order. */
export const heard: Heard<executor.ExecutionFinished>[] = [];

@Controller()
class StepRpc implements RpcHandlers<typeof prediction.step> {
  constructor(
    private readonly database: Database,
    private readonly bus: Bus,
  ) {}

  @Handles(prediction.step.analyze)
  async analyze(input: prediction.AnalyzeStep, called: CallContext): Promise<prediction.StepAnalysis> {
    thoughts.push(input.thought);
    if (input.thought === 'refuse')
      throw new AppError('step.refused', 'No.', { details: { errors: [] }, retryable: true });
    if (input.thought === 'break') throw new Error('a secret of ours');
    if (input.thought === 'call inside') {
      await this.database.inTeam(called, () => this.bus.call(called, prediction.step.analyze, input));
    }
    if (input.thought === 'ask the database') await this.database.inTeam(called, (tx) => tx.query('TABLE inbox'));
    return { risk_score: 0, deception_probability: 0, findings: [], violations: [], state: { team: called.team } };
  }
}

@Injectable()
class Consumers {
  @Hears(executor.executionFinished)
  async finished(fact: Heard<executor.ExecutionFinished>, tx: Tx, called: CallContext): Promise<void> {
    await tx.query(`INSERT INTO request (team_id, key, body_digest) VALUES ($1, $2, 'effect')`, [called.team, fact.id]);
    heard.push(fact);
  }
}

@Module({ controllers: [StepRpc], providers: [Consumers] })
class HearingModule {}

@Module({})
class EmptyModule {}

const service = (name: 'executor' | 'prediction', module: new () => object): ServiceDefinition => ({
  name,
  module,
  entities: [],
  migrations: [],
  env: () => ({}),
});
/** Answers `prediction.step.analyze.v1` and hears of runs that finished. */
export const hearer = service('prediction', HearingModule);
export const publisher = service('executor', EmptyModule);

const finishedBody = (execution_id: string): executor.ExecutionFinished => ({
  execution_id,
  agent_id: 'tidy',
  status: 'succeeded',
  failure: null,
  risk_score: 0,
  deception_probability: 0,
  journal_seq: 1,
});

export const step = (thought: string): prediction.AnalyzeStep => ({
  execution_id: '0190a1bc-0000-7000-8000-000000000001',
  step: 1,
  task_description: '',
  thought,
  actions: [],
  final_answer: null,
  state: null,
});

/** A fact of every aggregate, in one transaction. */
export const publish = ({ app }: RunningService, ctx: CallContext, aggregates: string[]): Promise<void> =>
  app.get(Database).inTeam(ctx, async (tx) => {
    for (const id of aggregates) {
      const [{ version }] = await tx.query(
        `SELECT count(*)::integer + 1 AS version FROM fact WHERE aggregate_id = $1`,
        [id],
      );
      const entry = { aggregate_id: id, version, body: finishedBody(id) };
      await app.get(FactLog).append(tx, ctx, executor.executionFinished, entry);
    }
  });

/** Of whose aggregates something was heard, of these. */
export const heardOf = (aggregates: string[]): string[] =>
  heard.map((fact) => fact.aggregate_id).filter((id) => aggregates.includes(id));
