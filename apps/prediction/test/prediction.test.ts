import { type CallContext, executor, prediction as questions } from '#contracts';
import { uuidv7 } from '#kernel';
import { Bus, Relay } from '#messaging';
import { Database, FactLog, FactSignal } from '#persistence';
import { connectNats, databaseUrlOf, type RunningService, startService } from '#service';
import { callContext, openTestPlatform, type TestPlatform, until } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { prediction } from '../src/definition.js';

const EXECUTOR = { name: 'executor' as const, migrations: [], entities: [] };

describe('prediction on the bus', () => {
  let platform: TestPlatform;
  let service: RunningService;
  let connection: NatsConnection;
  let executorPlace: NatsConnection;
  let bus: Bus;
  /** As the executor. */
  let asking: Bus;
  let executorRows: Database;
  let admin: pg.Client;

  beforeAll(async () => {
    platform = await openTestPlatform([prediction as never, EXECUTOR as never]);
    service = await startService(prediction, platform, {});
    connection = await connectNats(platform, 'gateway');
    executorPlace = await connectNats(platform, 'executor');
    bus = new Bus(connection);
    asking = new Bus(executorPlace);
    executorRows = await Database.open({ service: 'executor', url: databaseUrlOf(platform, 'executor'), entities: [] });
    admin = new pg.Client({ connectionString: platform.databaseUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await service.close();
    await connection.close();
    await executorPlace.close();
    await executorRows.close();
    await admin.end();
    await platform.close();
  });

  /** As the executor tells it: a committed fact, published by its relay. */
  const tellFinished = async (ctx: CallContext, body: Pick<executor.ExecutionFinished, 'status' | 'failure'>) => {
    const signal = new FactSignal();
    const execution_id = uuidv7();
    await executorRows.inTeam(ctx, (tx) =>
      new FactLog(signal).append(tx, ctx, executor.executionFinished, {
        aggregate_id: execution_id,
        version: 1,
        body: { execution_id, agent_id: 'tidy', risk_score: 0.2, deception_probability: 0, journal_seq: 5, ...body },
      }),
    );
    const relay = new Relay(executorPlace, executorRows, signal, () => undefined);
    await relay.sweep();
    await relay.stop();
  };
  const predict = (ctx: CallContext, input: Partial<questions.PredictRun> = {}) =>
    bus.call(ctx, questions.run.predict, { task_description: 'List the logs', agent_type: 'playbook', ...input });
  const call = (
    tool: string,
    args: Record<string, unknown>,
    more: Partial<questions.AnalyzedAction> = {},
  ): questions.AnalyzedAction => ({
    tool,
    arguments: args,
    ok: true,
    output_excerpt: 'ok',
    verdict: 'verified',
    deviations: [],
    error: null,
    ...more,
  });
  const analyze = (ctx: CallContext, input: Partial<questions.AnalyzeStep>) =>
    asking.call(ctx, questions.step.analyze, {
      execution_id: uuidv7(),
      step: 1,
      task_description: 'Tidy up',
      thought: '',
      actions: [],
      final_answer: null,
      state: null,
      ...input,
    });

  it('rules speak alone until runs have ended, then history does too, for its own team only', async () => {
    const [ours, theirs] = [callContext(), callContext()];
    const before = await predict(ours, { agent_id: 'tidy' });
    expect(before).toMatchObject({ basis: ['rules'], recommendation_code: 'proceed', similar_executions: [] });
    await tellFinished(ours, { status: 'failed', failure: { code: 'contract.deviated', message: 'left it' } });
    const after = await until('history speaks', async () => {
      const answer = await predict(ours, { agent_id: 'tidy' });
      return answer.basis.includes('history') && answer;
    });
    expect(after.predicted_risk).toBeGreaterThan(before.predicted_risk);
    expect(after.base_rate).toBeGreaterThan(before.base_rate);
    expect(await predict(theirs, { agent_id: 'tidy' })).toEqual(before);
  });

  it('every prediction is kept, redacted, with the run it was asked for', async () => {
    const ctx = callContext();
    const execution_id = uuidv7();
    const answer = await predict(ctx, {
      task_description: `Delete all backups of ada@example.com \u{1F5D1}\ud83d`,
      agent_id: 'tidy',
      tools: ['shell.run@v1', 'odd\0tool@v1'],
      execution_id,
    });
    expect(JSON.stringify(answer)).not.toContain('ada@example.com');
    const { rows } = await admin.query('SELECT * FROM prediction.prediction WHERE team_id = $1', [ctx.team]);
    expect(rows).toEqual([
      expect.objectContaining({
        execution_id,
        agent_id: 'tidy',
        task_description: 'Delete all backups of [redacted:email] \u{1F5D1}\u{FFFD}',
        input_digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        output: answer,
        model_version: answer.model_version,
      }),
    ]);
  });

  it('the same question has the same digest whichever run it is asked for', async () => {
    const ctx = callContext();
    for (const execution_id of [uuidv7(), uuidv7()]) await predict(ctx, { execution_id });
    await predict(ctx, { max_steps: 20 });
    const { rows } = await admin.query(
      'SELECT count(*)::int, count(DISTINCT input_digest)::int AS digests FROM prediction.prediction WHERE team_id = $1',
      [ctx.team],
    );
    expect(rows).toEqual([{ count: 3, digests: 2 }]);
  });

  it('a proposed action is assessed, and a run that went wrong weighs on the next one', async () => {
    const ctx = callContext();
    const assess = (state: questions.AnalyserState, argv: string[]) =>
      asking.call(ctx, questions.action.assess, {
        execution_id: uuidv7(),
        step: 2,
        index: 0,
        tool: 'shell.run@v1',
        effects: 'reversible',
        arguments: { argv },
        paths: [],
        state,
      });
    const calm = await assess(null, ['ls', 'logs']);
    const wild = await assess(null, ['rm', '-rf', '/']);
    expect(wild.risk).toBeGreaterThan(calm.risk);
    expect(wild.findings.map(({ code }) => code)).toContain('shell.root_delete');
    const { state } = await analyze(ctx, {
      actions: [call('shell.run@v1', { argv: ['make'] }, { verdict: 'deviated' })],
    });
    expect((await assess(state, ['ls', 'logs'])).risk).toBeGreaterThan(calm.risk);
  });

  it('what a spec or a contradiction needs of earlier steps is in the state alone', async () => {
    const ctx = callContext();
    const failed = call('file.delete@v1', { path: 'a' }, { ok: false, error: 'permission denied', verdict: null });
    const first = await analyze(ctx, { actions: [failed] });
    const done = { step: 2, final_answer: 'I have deleted the file successfully.' };
    const second = await analyze(ctx, { ...done, state: first.state });
    expect(second.findings).toContainEqual(
      expect.objectContaining({ code: 'success_claimed_after_error', step: 2, precision: null }),
    );
    expect(second.risk_score).toBeGreaterThan(first.risk_score);
    expect(second.deception_probability).toBeGreaterThan(first.deception_probability);
    const forgetful = await analyze(ctx, done);
    expect(forgetful.findings.map(({ code }) => code)).not.toContain('success_claimed_after_error');
  });

  it('a tool that declares no effects hides no failure behind it', async () => {
    const ctx = callContext();
    const failed = call('crm.merge', { record: 'a' }, { ok: false, error: 'locked', effects: 'irreversible' });
    const { state } = await analyze(ctx, { actions: [failed, call('crm.sync', {}, { effects: 'none' })] });
    const { findings } = await analyze(ctx, { step: 2, final_answer: 'All done.', state });
    expect(findings.map(({ code }) => code)).toContain('success_claimed_after_error');
  });

  it('the largest run a state can hold stays below its limit', async () => {
    const ctx = callContext();
    let state: questions.AnalyserState = null;
    for (let step = 1; step <= 40; step++) {
      const entries = Array.from({ length: 200 }, (_, i) => `dir-${step}/file-${i}-${step * i * 7919}.txt`).join('\n');
      const answer = await analyze(ctx, {
        step,
        actions: [call('file.list@v1', { path: `dir-${step}` }, { output_excerpt: entries })],
        state,
      });
      ({ state } = answer);
      expect(answer.violations).toEqual([]);
    }
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThanOrEqual(16_384);
  });

  it('a state of somebody else is refused, located', async () => {
    await expect(analyze(callContext(), { state: { v: 1, seen: 'everything' } })).rejects.toMatchObject({
      code: 'analysis.state_invalid',
      details: { errors: [{ path: '/state' }] },
    });
  });

  it('an answer fits on the bus however much is found', async () => {
    const to = (i: number) => Array.from({ length: 9 }, (_, k) => `p${i}-${k}@example.org`).join();
    const actions = Array.from({ length: 100 }, (_, i) => ({ tool: 'mail.send', arguments: { to: to(i) }, ok: true }));
    const judged = await bus.call(callContext(), questions.trace.analyze, { steps: [{ actions }] });
    expect(judged.findings).toHaveLength(500);
    expect(judged.findings[0]!.evidence.join()).not.toContain('@example.org');
  });

  it('a whole trace is judged as its steps are', async () => {
    const ctx = callContext();
    const judged = await bus.call(ctx, questions.trace.analyze, {
      task_description: 'Tidy up',
      steps: [
        { actions: [{ tool: 'file.delete', arguments: { path: 'a' }, ok: false, error: 'permission denied' }] },
        { actions: [{ tool: 'shell.run', arguments: { script: 'sudo rm a' }, ok: true, output: 'ok' }] },
        { thought: 'done' },
      ],
    });
    expect(judged.violations.map(({ spec_id, steps }) => [spec_id, steps])).toEqual([
      ['look-before-destroying', [1]],
      ['privilege-escalation', [2]],
    ]);
    let state: questions.AnalyserState = null;
    let last: questions.StepAnalysis | undefined;
    for (const [i, action] of [
      call('file.delete', { path: 'a' }, { ok: false, error: 'permission denied', output_excerpt: '' }),
      call('shell.run', { script: 'sudo rm a' }),
    ].entries()) {
      last = await analyze(ctx, { step: i + 1, actions: [action], state });
      ({ state } = last);
    }
    expect(judged.risk_score).toBe(last!.risk_score);
  });
});
