import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type CallContext, executor, prediction, serviceReady } from '#contracts';
import { AppError, uuidv7 } from '#kernel';
import { Bus } from '#messaging';
import { until } from '#testing';
import { answers, executionNotFound, openGateway, type TestGateway, view } from './gateway.fixture.js';

let gateway: TestGateway;
let bus: Bus;
const stops: (() => void)[] = [];

beforeAll(async () => {
  gateway = await openGateway();
  bus = new Bus(gateway.nats.of('executor'));
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(() => gateway.close());

const stand = async (...standing: Promise<() => void>[]): Promise<void> =>
  void stops.push(...(await Promise.all(standing)));

const result = (id: string): executor.ExecutionResult => ({
  ...view(id, 'succeeded'),
  execution_id: id,
  execution_trace: [],
  step_count: 0,
  spec_violations: [],
});

const TASK = { task_description: 'tidy', agent_type: 'playbook', workspace: { kind: 'local', path: '/w' } };

describe('a task', () => {
  it('is submitted with who, where, which key and which trace', async () => {
    const id = uuidv7();
    const seen: [object, CallContext][] = [];
    await stand(
      answers(gateway.nats, executor.execution.submit, (input, ctx) => {
        seen.push([{ ...input }, ctx]);
        return view(id);
      }),
    );
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const { status, body } = await gateway.call('POST', '/api/execute', {
      token: gateway.token,
      body: { ...TASK, wait: false },
      headers: { 'idempotency-key': 'run-1', traceparent: `00-${trace}-b7ad6b7169203331-01` },
    });
    expect([status, body.id, body.status]).toEqual([202, id, 'submitted']);
    expect(seen).toHaveLength(1);
    expect(seen[0]![0]).toEqual(TASK);
    expect(seen[0]![1]).toMatchObject({
      team: gateway.team,
      principal: { kind: 'person', name: 'first.admin@example.org' },
      roles: ['admin', 'installation_admin'],
      idempotency_key: 'run-1',
      trace: expect.stringMatching(new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`)),
    });
  });

  it.each([
    ['heard', true],
    ['read, because the live frame was lost', false],
  ])('that is waited for is answered with its result; the end is %s', async (_how, live) => {
    const id = uuidv7();
    let reads = 0;
    let completed = false;
    await stand(
      answers(gateway.nats, executor.execution.submit, () => view(id)),
      answers(gateway.nats, executor.journal.read, () => ((reads += 1), { items: [], last_seq: 3, completed })),
      answers(gateway.nats, executor.execution.get, () => result(id)),
    );
    const started = performance.now();
    const answer = gateway.call('POST', '/api/execute', { token: gateway.token, body: { ...TASK, wait: true } });
    await until('the journal to be read', () => reads > 0);
    completed = true;
    if (live) {
      bus.show(executor.journaled, [gateway.team, id], {
        type: 'completion',
        execution_id: id,
        seq: 3,
        at: '2026-01-01T00:00:00.000Z',
        kind: 'execution.succeeded',
        status: 'succeeded',
      });
    }
    const { status, body } = await answer;
    expect([status, body.execution_id, body.phase]).toEqual([200, id, 'completed']);
    if (live) expect(performance.now() - started).toBeLessThan(900);
  });

  it("carries the executor's refusal to the caller as it is", async () => {
    await stand(
      answers(gateway.nats, executor.execution.submit, () => {
        throw new AppError('workspace.outside_roots', 'The folder is outside the roots.', {
          details: { errors: [{ path: '/workspace/path', message: 'is outside the roots' }] },
        });
      }),
    );
    const { status, body } = await gateway.call('POST', '/api/execute', { token: gateway.token, body: TASK });
    expect([status, body.code]).toEqual([400, 'workspace.outside_roots']);
    expect(body.errors).toEqual([{ path: '/workspace/path', message: 'is outside the roots' }]);
  });

  it('says so when nobody is there to take it', async () => {
    const { status, body } = await gateway.call('POST', '/api/execute', { token: gateway.token, body: TASK });
    expect([status, body.code, body.retryable]).toEqual([503, 'service.unavailable', true]);
  });

  it('tells nothing of an error nobody foresaw but the request id', async () => {
    await stand(
      answers(gateway.nats, executor.execution.submit, () => {
        throw new AppError('seal.broken', 'key file /home/secret');
      }),
    );
    const { status, body } = await gateway.call('POST', '/api/execute', { token: gateway.token, body: TASK });
    expect([status, body.code]).toEqual([500, 'internal.error']);
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

describe('reading', () => {
  it('queries arrive with their types', async () => {
    const seen: object[] = [];
    await stand(
      answers(
        gateway.nats,
        executor.execution.list,
        (input) => (seen.push({ ...input }), { items: [], next_cursor: null }),
      ),
      answers(
        gateway.nats,
        executor.execution.steps,
        (input) => (seen.push({ ...input }), { items: [], next_cursor: null }),
      ),
    );
    const id = uuidv7();
    await gateway.call('GET', '/api/executions?limit=7&status=running', { token: gateway.token });
    await gateway.call('GET', `/api/executions/${id}/steps?after=3`, { token: gateway.token });
    expect(seen).toEqual([
      { limit: 7, status: 'running' },
      { execution_id: id, after: 3 },
    ]);
  });

  it("another team's run is not there", async () => {
    const id = uuidv7();
    const { body: other } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: 'reading' },
    });
    await stand(
      answers(gateway.nats, executor.execution.get, (_input, ctx) => {
        if (ctx.team !== other.id) throw executionNotFound();
        return result(id);
      }),
    );
    const read = (headers = {}) => gateway.call('GET', `/api/executions/${id}`, { token: gateway.token, headers });
    expect((await read()).status).toBe(404);
    expect((await read({ 'x-team-id': other.id })).body).toMatchObject({ id });
  });
});

describe('playbooks', () => {
  const PLAYBOOK: executor.PlaybookView = {
    name: 'tidy',
    digest: `sha256:${'0'.repeat(64)}`,
    description: null,
    steps: 1,
    created_at: '2026-01-01T00:00:00.000Z',
  };

  it.each([
    ['a JSON string', { body: { source: 'name: tidy\n' } }],
    ['the file itself', { raw: 'name: tidy\n', headers: { 'content-type': 'application/yaml' } }],
  ])('are registered as %s', async (_how, call) => {
    const sources: string[] = [];
    await stand(answers(gateway.nats, executor.playbook.register, ({ source }) => (sources.push(source), PLAYBOOK)));
    const { status, body } = await gateway.call('POST', '/api/playbooks', { token: gateway.token, ...call });
    expect([status, body]).toEqual([201, PLAYBOOK]);
    expect(sources).toEqual(['name: tidy\n']);
  });

  it('one that is not UTF-8 is refused', async () => {
    const { status, body } = await gateway.call('POST', '/api/playbooks', {
      token: gateway.token,
      raw: Buffer.from([0x6e, 0xff]),
      headers: { 'content-type': 'application/yaml' },
    });
    expect([status, body.code]).toEqual([400, 'request.yaml_invalid']);
  });
});

describe('readiness', () => {
  it('is the readiness of everybody, and names who is missing', async () => {
    const down = await gateway.call('GET', '/readyz');
    expect(down.status).toBe(503);
    expect(down.body.checks).toContainEqual({ name: 'executor.ready', ok: false });
    expect(down.body.checks).toContainEqual({ name: 'gateway.database', ok: true });
    const up = { ready: true, checks: [{ name: 'database', ok: true }] };
    await stand(
      ...(['executor', 'governance', 'prediction'] as const).map((name) =>
        answers(gateway.nats, serviceReady(name), () => up),
      ),
    );
    const { status, body } = await gateway.call('GET', '/readyz');
    expect([status, body.status]).toEqual([200, 'ready']);
    expect(body.checks).toContainEqual({ name: 'governance.database', ok: true });
  });
});

describe('prediction', () => {
  it('answers what the service says', async () => {
    const said: prediction.RunPrediction = {
      predicted_risk: 0.2,
      predicted_deception: 0.1,
      confidence: 0.5,
      warnings: [],
      recommendation: 'Proceed.',
      recommendation_code: 'proceed',
      basis: ['rules'],
      factors: [],
      interval: [0.1, 0.3],
      base_rate: 0,
      similar_executions: [],
      expected_cost: null,
      expected_steps: null,
      model_version: 'rules-1',
    };
    await stand(answers(gateway.nats, prediction.run.predict, () => said));
    const { status, body } = await gateway.call('POST', '/api/predict', {
      token: gateway.token,
      body: { task_description: 'tidy', agent_type: 'playbook', max_steps: 3 },
    });
    expect([status, body]).toEqual([200, said]);
  });
});
