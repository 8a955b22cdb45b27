import { type CallContext, executor, governance, prediction } from '#contracts';
import { AppError } from '#kernel';
import { Bus, FACTS_STREAM, Handles, type Heard, Hears, type RpcHandlers } from '#messaging';
import { Database, FactLog, type Tx } from '#persistence';
import { connectNats, type RunningService, type ServiceDefinition, startService } from '#service';
import { callContext, openTestPlatform, type TestPlatform, until } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Controller, Injectable, Module } from '@nestjs/common';

const ctx = callContext();
const heard: Heard<governance.ApprovalDecided>[] = [];
const failing = new Set<string>();

@Controller()
class StepRpc implements RpcHandlers<typeof prediction.step> {
  constructor(
    private readonly database: Database,
    private readonly bus: Bus,
  ) {}

  @Handles(prediction.step.analyze)
  async analyze(input: prediction.AnalyzeStep, called: CallContext): Promise<prediction.StepAnalysis> {
    if (input.thought === 'refuse')
      throw new AppError('step.refused', 'No.', { details: { errors: [] }, retryable: true });
    if (input.thought === 'break') throw new Error('a secret of ours');
    if (input.thought === 'call inside') {
      await this.database.inTeam(called, () => this.bus.call(called, prediction.step.analyze, input));
    }
    return { risk_score: 0, deception_probability: 0, findings: [], violations: [], state: { team: called.team } };
  }
}

@Injectable()
class Consumers {
  @Hears(governance.approvalDecided)
  async decided(fact: Heard<governance.ApprovalDecided>, tx: Tx, called: CallContext): Promise<void> {
    await tx.query(`INSERT INTO request (team_id, key, body_digest) VALUES ($1, $2, 'effect')`, [called.team, fact.id]);
    if (failing.has(fact.body.approval_id)) throw new Error('the effect fails');
    heard.push(fact);
  }
}

@Module({ controllers: [StepRpc], providers: [Consumers] })
class PredictionModule {}

@Module({})
class EmptyModule {}

const service = (name: 'executor' | 'prediction' | 'governance', module: new () => object): ServiceDefinition => ({
  name,
  module,
  entities: [],
  migrations: [],
  env: () => ({}),
});
// The stream has durable consumers for those who hear; the executor is one of them.
const hearer = service('executor', PredictionModule);
const publisher = service('governance', EmptyModule);

const step = (thought: string): prediction.AnalyzeStep => ({
  execution_id: ctx.team,
  step: 1,
  task_description: '',
  thought,
  actions: [],
  final_answer: null,
  state: null,
});

const decided = (approval_id: string): governance.ApprovalDecided => ({
  approval_id,
  execution_id: approval_id,
  step: 1,
  index: 0,
  status: 'approved',
  by: [],
  reason: null,
});

let platform: TestPlatform;
let connection: NatsConnection;
let bus: Bus;
let running: RunningService[];

const publish = (ids: string[], context: CallContext = ctx): Promise<void> => {
  const { app } = running[1]!;
  return app.get(Database).inTeam(context, async (tx) => {
    for (const id of ids) {
      const version = Number((await tx.query(`SELECT count(*) + 1 AS v FROM fact WHERE aggregate_id = $1`, [id]))[0].v);
      await app
        .get(FactLog)
        .append(tx, context, governance.approvalDecided, { aggregate_id: id, version, body: decided(id) });
    }
  });
};

beforeAll(async () => {
  platform = await openTestPlatform([hearer, publisher]);
  running = [await startService(hearer, platform), await startService(publisher, platform)];
  connection = await connectNats(platform, 'gateway');
  bus = new Bus(connection);
});

afterAll(async () => {
  await connection?.close();
  for (const one of running ?? []) await one.close();
  await platform?.close();
});

describe('a question', () => {
  it('reaches its handler with the context of the caller', async () => {
    const answer = await bus.call(ctx, prediction.step.analyze, step('think'));
    expect(answer.state).toEqual({ team: ctx.team });
  });

  it('with an unknown field is refused where it is', async () => {
    const call = bus.call(ctx, prediction.step.analyze, { ...step('think'), extra: 1 } as never);
    await expect(call).rejects.toMatchObject({
      code: 'input.invalid',
      details: { errors: [{ path: '/extra', message: 'unknown field "extra"' }] },
    });
  });

  it('that is refused carries code, message and whether to try again', async () => {
    const call = bus.call(ctx, prediction.step.analyze, step('refuse'));
    await expect(call).rejects.toMatchObject({ code: 'step.refused', message: 'No.', retryable: true });
  });

  it('that hits a bug says nothing about it', async () => {
    const call = bus.call(ctx, prediction.step.analyze, step('break'));
    await expect(call).rejects.toMatchObject({
      code: 'internal.error',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('inside a transaction is refused', async () => {
    const call = bus.call(ctx, prediction.step.analyze, step('call inside'));
    await expect(call).rejects.toMatchObject({ code: 'transaction.io_inside' });
  });

  it('nobody handles fails at once', async () => {
    const call = bus.call(ctx, executor.playbook.list, {});
    await expect(call).rejects.toMatchObject({ code: 'service.unavailable', retryable: true });
  });

  it('nobody answers in time ends', async () => {
    const silent = connection.subscribe('rpc.executor.playbook.get.v1', { callback: () => undefined });
    const call = bus.call(ctx, executor.playbook.get, { name: 'x' }, { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: 'service.timeout', retryable: true });
    silent.unsubscribe();
  });
});

describe('a fact', () => {
  it('is heard once, although it is published twice', async () => {
    const id = callContext().team;
    await publish([id]);
    const first = await until('the fact', () => heard.find((fact) => fact.body.approval_id === id));
    const database = running[1]!.app.get(Database);
    await database.inTeam(ctx, (tx) => tx.query(`UPDATE fact SET stream_seq = NULL WHERE id = $1`, [first.id]));
    await database.acrossTeams('a new day', (tx) => tx.query(`UPDATE relay SET stream_created = 'another stream'`));
    const marker = callContext().team;
    await publish([marker]);
    await until('the marker', () => heard.find((fact) => fact.body.approval_id === marker));
    expect(heard.filter((fact) => fact.body.approval_id === id)).toHaveLength(1);
  });

  it('that is rolled back is never heard', async () => {
    const [gone, marker] = [callContext().team, callContext().team];
    const rolledBack = running[1]!.app.get(Database).inTeam(ctx, async (tx) => {
      await running[1]!.app
        .get(FactLog)
        .append(tx, ctx, governance.approvalDecided, { aggregate_id: gone, version: 1, body: decided(gone) });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await publish([marker]);
    await until('the marker', () => heard.find((fact) => fact.body.approval_id === marker));
    expect(heard.some((fact) => fact.body.approval_id === gone)).toBe(false);
  });

  it('facts of one aggregate are heard in the order of their versions', async () => {
    const id = callContext().team;
    for (let i = 0; i < 20; i++) await publish([id]);
    const versions = await until('all of them', () => {
      const mine = heard.filter((fact) => fact.body.approval_id === id);
      return mine.length === 20 && mine.map((fact) => fact.version);
    });
    expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('is not lost with the stream: the publisher sends it again', async () => {
    const manager = await jetstreamManager(connection);
    const before = await manager.streams.info(FACTS_STREAM);
    await running[0]!.close();
    const id = callContext().team;
    await publish([id]);
    await until(
      'it is on the stream',
      async () => (await manager.streams.info(FACTS_STREAM)).state.last_seq > before.state.last_seq,
    );
    await manager.streams.purge(FACTS_STREAM);
    const consumer = await manager.consumers.info(FACTS_STREAM, 'executor');
    await manager.streams.delete(FACTS_STREAM);
    await manager.streams.add({ ...before.config, name: FACTS_STREAM });
    await manager.consumers.add(FACTS_STREAM, consumer.config);
    running[0] = await startService(hearer, platform);
    await until('the fact', () => heard.find((fact) => fact.body.approval_id === id), 15_000);
  });

  it('that fails five times becomes a dead letter, leaves no effect, and lets others pass', async () => {
    const [bad, good] = [callContext().team, callContext().team];
    failing.add(bad);
    await publish([bad, good]);
    await until('the good one', () => heard.find((fact) => fact.body.approval_id === good));
    const database = running[0]!.app.get(Database);
    const letters = (): Promise<{ fact_id: string }[]> =>
      database.inTeam(ctx, (tx) =>
        tx.query(`SELECT fact_id FROM dead_letter WHERE fact->'body'->>'approval_id' = $1`, [bad]),
      );
    const letter = await until('the dead letter', async () => (await letters())[0], 28_000);
    const effects = await database.inTeam(ctx, (tx) =>
      tx.query(`SELECT 1 FROM request WHERE key = $1`, [letter.fact_id]),
    );
    expect(effects).toEqual([]);
  }, 40_000);
});
