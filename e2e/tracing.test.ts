import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CollectedSpan, type Collector, startCollector, until } from '#testing';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Caller } from './caller.js';
import { SuiteProcess } from './suite-process.js';
import { makeWorkspace } from './workspace.js';

const BATCH_MS = 100;
const SETTLE_MS = 10_000;
const ARGUMENT = 'an-argument-nobody-may-read';
/** One action in the sandbox. */
const WORK = `
apiVersion: playbook/v1
name: work
steps:
  - id: work
    uses: shell.run@v1
    with: { argv: [sh, -c, 'echo ${ARGUMENT} > out.txt'] }
    expect: { created: [out.txt] }
`;
/** One action that waits for a person. */
const ASK = `
apiVersion: playbook/v1
name: ask
steps:
  - id: drop
    uses: file.delete@v1
    with: { path: data/customers.db }
`;

let collector: Collector;
let suite: SuiteProcess;
let admin: Caller;

beforeAll(async () => {
  collector = await startCollector();
  suite = await SuiteProcess.open({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: String(BATCH_MS),
  });
  admin = suite.admin;
  await admin.register(WORK);
  await admin.register(ASK);
}, 120_000);
afterAll(async () => {
  await suite?.close();
  await collector?.close();
}, 60_000);

/** A caller's own trace. */
const newCaller = () => {
  const [trace, span] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { trace, span, headers: { traceparent: `00-${trace}-${span}-01` } };
};

const folder = (name: string): string =>
  makeWorkspace(join(suite.workspaces, name), { 'data/customers.db': 'a\n', 'README.md': 'b\n' });

const submit = async (playbook: string, headers: Record<string, string>): Promise<string> => {
  const task = {
    task_description: ARGUMENT,
    agent_type: 'playbook',
    playbook: { name: playbook },
    workspace: { kind: 'local', path: folder(`${playbook}-${randomBytes(4).toString('hex')}`) },
  };
  const { status, body } = await admin.call('POST', '/api/execute', { body: task, headers });
  expect(status).toBe(202);
  return body.id;
};

/** The spans of a trace, once all of these are among them. */
const spansOf = (trace: string, ...wanted: [service: string, name: string][]): Promise<CollectedSpan[]> =>
  until(
    `spans of ${wanted.join(' and ')}`,
    () => {
      const spans = collector.spans.filter(({ trace_id }) => trace_id === trace);
      const has = ([service, name]: [string, string]) =>
        spans.some((span) => span.service === service && span.name === name);
      return wanted.every(has) && spans;
    },
    SETTLE_MS,
  );

const named = (spans: CollectedSpan[], service: string, name: string): CollectedSpan =>
  spans.find((span) => span.service === service && span.name === name)!;

/** From a span up to where the trace began. */
const ancestors = (spans: CollectedSpan[], { parent_id }: CollectedSpan): string[] => {
  const parent = spans.find(({ span_id }) => span_id === parent_id);
  return parent ? [`${parent.service} ${parent.name}`, ...ancestors(spans, parent)] : [];
};

const GATEWAY = 'spectrace-gateway';
const EXECUTOR = 'spectrace-executor';
const PREDICTION = 'spectrace-prediction';
const GOVERNANCE = 'spectrace-governance';

describe('one trace id', () => {
  it('goes from the request over the bus into every service and to PostgreSQL, and on with the run and its facts', async () => {
    const caller = newCaller();
    const id = await submit('work', caller.headers);
    await admin.ended(id);
    const spans = await spansOf(
      caller.trace,
      [GATEWAY, 'POST /api/execute'],
      [EXECUTOR, 'execution drive'],
      [PREDICTION, 'process executor.execution.finished.v1'],
      [PREDICTION, 'INSERT outcome'],
    );

    const request = named(spans, GATEWAY, 'POST /api/execute');
    expect(request).toMatchObject({ parent_id: caller.span, kind: 2 });
    expect(request.attributes).toMatchObject({ 'http.response.status_code': 202, 'spectrace.team': suite.team });
    const begun = [
      'spectrace-executor executor.execution/submit',
      `${GATEWAY} executor.execution/submit`,
      `${GATEWAY} POST /api/execute`,
    ];
    expect(ancestors(spans, named(spans, EXECUTOR, 'INSERT execution'))).toEqual([`${EXECUTOR} transaction`, ...begun]);
    expect(named(spans, EXECUTOR, 'INSERT execution').attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.collection.name': 'execution',
      'db.query.text': expect.stringContaining('$1'),
    });

    const run = [`${EXECUTOR} execution drive`, ...begun];
    const action = [`${EXECUTOR} action shell.run@v1`, ...run];
    expect(ancestors(spans, named(spans, EXECUTOR, 'sandbox bubblewrap'))).toEqual([
      `${EXECUTOR} execute_tool shell.run@v1`,
      ...action,
    ]);
    expect(ancestors(spans, named(spans, PREDICTION, 'prediction.run/predict'))).toEqual([
      `${EXECUTOR} prediction.run/predict`,
      ...run,
    ]);
    expect(ancestors(spans, named(spans, GOVERNANCE, 'governance.action/decide'))).toContain(run[0]);
    expect(named(spans, EXECUTOR, 'execution drive').attributes['spectrace.execution_id']).toBe(id);

    const heard = named(spans, PREDICTION, 'process executor.execution.finished.v1');
    expect(heard.kind).toBe(5);
    expect(ancestors(spans, heard).slice(0, 1)).toEqual([`${EXECUTOR} send executor.execution.finished.v1`]);
    expect(ancestors(spans, heard)).toContain(run[0]);
    const effect = named(spans, PREDICTION, 'INSERT outcome');
    expect(ancestors(spans, effect)[1]).toBe(`${PREDICTION} process executor.execution.finished.v1`);
  }, 60_000);

  it('leaves no span without its parent, and none that tells what nobody may read', async () => {
    const caller = newCaller();
    await admin.ended(await submit('work', caller.headers));
    const heard = ['executor.action.decided.v1', 'executor.execution.finished.v1'];
    const spans = await spansOf(
      caller.trace,
      ...heard.map((fact): [string, string] => [GOVERNANCE, `process ${fact}`]),
    );
    const ids = new Set(spans.map(({ span_id }) => span_id));
    const orphans = spans.filter(({ parent_id }) => parent_id !== caller.span && !ids.has(parent_id));
    expect(orphans.map(({ service, name }) => `${service} ${name}`)).toEqual([]);
    const told = collector.posted.map(({ body }) => body.toString()).join('\n');
    expect(told).not.toContain(ARGUMENT);
    expect(told).not.toContain(admin.token);
  }, 60_000);

  it('of a run that waited goes on after the answer, linked to the trace of who answered', async () => {
    const [asking, answering] = [newCaller(), newCaller()];
    const id = await submit('ask', asking.headers);
    await admin.paused(id);
    const approver = await suite.person('approver@example.org', 'approver');
    const path = `/api/autonomy/approvals/${await admin.pendingApproval(id)}/approve`;
    const { status } = await approver.call('POST', path, { body: { reason: 'yes' }, headers: answering.headers });
    expect(status).toBe(200);
    await admin.ended(id);
    await spansOf(answering.trace, [EXECUTOR, 'process governance.approval.decided.v1']);
    const drives = await until(
      'both stretches of the run',
      () => {
        const found = collector.spans.filter(
          (span) => span.trace_id === asking.trace && span.name === 'execution drive',
        );
        return found.length >= 2 && found;
      },
      SETTLE_MS,
    );
    expect(drives.map(({ links }) => links)).toEqual([[], [answering.trace]]);
  }, 60_000);

  it('is new where the caller has none, and the answer names it', async () => {
    const { headers } = await admin.get('/api/executions');
    const [, trace] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(headers.get('traceresponse') ?? '') ?? [];
    const spans = await spansOf(trace!, [EXECUTOR, 'executor.execution/list']);
    expect(named(spans, GATEWAY, 'GET /api/executions').parent_id).toBe('');
    expect(spans.some(({ name }) => name.startsWith('SELECT'))).toBe(true);
  });
});

describe('nothing is traced', () => {
  it('of probes, sweeps and whoever watches', async () => {
    const id = await submit('work', newCaller().headers);
    const watching = newCaller();
    await admin.call('GET', '/readyz', { headers: watching.headers });
    await admin.ended(id);
    await admin.watch(id).end();
    const opened = await until(
      'the socket to be opened',
      () => {
        const found = collector.spans.filter(({ name }) => name === 'GET /ws/:execution_id');
        return found.length > 0 && found;
      },
      SETTLE_MS,
    );
    expect(opened).toHaveLength(1);
    const roots = collector.spans.filter(({ parent_id }) => parent_id === '');
    expect([...new Set(roots.map(({ name }) => name.split(' ')[0]))].sort()).toEqual(['GET', 'POST']);
    expect(collector.spans.filter(({ trace_id }) => trace_id === watching.trace)).toEqual([]);
    expect(collector.spans.filter(({ name }) => /probe|readyz|metrics|service\/ready/.test(name))).toEqual([]);
  }, 60_000);
});

describe('a collector that is not there', () => {
  it('slows no run down and fails none; what it does not get is counted', async () => {
    const gone = await startCollector();
    await gone.close();
    const blind = await SuiteProcess.open({
      OTEL_EXPORTER_OTLP_ENDPOINT: gone.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_BSP_MAX_QUEUE_SIZE: '64',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    });
    try {
      await blind.admin.register(WORK);
      const place = makeWorkspace(join(blind.workspaces, 'work'), { 'README.md': 'b\n' });
      const { status } = await blind.admin.ended(await blind.admin.submit('work', place));
      expect(status).toBe('succeeded');
      const metric = async (outcome: string): Promise<number> => {
        const { body } = await blind.admin.get('/metrics');
        const line = new RegExp(`^spectrace_telemetry_spans_total\\{outcome="${outcome}"\\} (\\d+)`, 'm');
        return Number(line.exec(body)?.[1] ?? 0);
      };
      await until(
        'spans to be dropped and failed',
        async () => (await metric('dropped')) > 0 && (await metric('failed')) > 0,
      );
      expect(await metric('exported')).toBe(0);
      expect(blind.log().match(/the collector takes no spans/g)).toHaveLength(1);
    } finally {
      await blind.close();
    }
  }, 120_000);
});
