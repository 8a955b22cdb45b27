import { executor } from '#contracts';
import { uuidv7 } from '#kernel';
import { Database } from '#persistence';
import { until } from '#testing';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answers, openGateway, type TestGateway, view } from './gateway.fixture.js';

const SLOW_S = 0.15;
/** What Prometheus' own client measures of every Node process keeps the names that its dashboards know. */
const STANDARD = /^(process|nodejs)_/;
const OURS = /^spectrace_[a-z]+(_[a-z]+)+_(seconds|bytes|total|facts|connections|sockets|executions|approvals|spans)$/;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openGateway();
  await answers(gateway.nats, executor.execution.list, () => ({ items: [view(uuidv7())], next_cursor: null }));
  await gateway.call('GET', '/api/executions', { token: gateway.token });
});
afterAll(() => gateway.close());

const metrics = async (): Promise<string> => (await gateway.call('GET', '/metrics')).body;

describe('GET /api/system/metrics', () => {
  it('tells how long things took, by name, and how the process is', async () => {
    const { status, body } = await gateway.call('GET', '/api/system/metrics', { token: gateway.token });
    expect(status).toBe(200);
    expect(body.uptime_s).toBeGreaterThan(0);
    expect(body.memory.resident_bytes).toBeGreaterThan(10_000_000);
    expect(body.event_loop_lag).toMatchObject({ name: 'event_loop.lag', p99_ms: expect.any(Number) });
    expect(body.errors_logged).toBe(0);
    const names = body.timings.map(({ name }: { name: string }) => name);
    for (const name of [
      'http GET /api/executions',
      'http POST /api/auth/login',
      'call executor.execution.list.v1',
      'database gateway SELECT',
    ]) {
      expect(names).toContain(name);
    }
    expect(names.join()).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7/);
    for (const { count, samples, mean_ms, p50_ms, p95_ms, p99_ms } of body.timings) {
      expect(count).toBeGreaterThanOrEqual(samples);
      expect(mean_ms).toBeGreaterThan(0);
      expect(p50_ms).toBeLessThanOrEqual(p95_ms);
      expect(p95_ms).toBeLessThanOrEqual(p99_ms);
    }
  });

  it('is for admins', async () => {
    const operator = await gateway.person('system.operator@example.org', 'operator');
    const refused = await gateway.call('GET', '/api/system/metrics', { token: operator.token });
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.permission_missing']);
    const admin = await gateway.person('system.admin@example.org', 'admin');
    expect((await gateway.call('GET', '/api/system/metrics', { token: admin.token })).status).toBe(200);
  });
});

describe('/metrics', () => {
  it('has every name in the form that they all have, and no id in a label', async () => {
    const text = await metrics();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    const strange = names.filter((name) => !OURS.test(name) && !STANDARD.test(name));
    expect(strange).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining([
        'spectrace_http_request_duration_seconds',
        'spectrace_bus_call_duration_seconds',
        'spectrace_database_statement_duration_seconds',
        'spectrace_database_pool_connections',
        'spectrace_facts_oldest_unsent_seconds',
        'spectrace_live_open_sockets',
        'process_resident_memory_bytes',
        'nodejs_eventloop_lag_p99_seconds',
      ]),
    );
    expect(text).toMatch(
      /^spectrace_bus_call_duration_seconds_count\{service="gateway",subject="executor\.execution\.list\.v1",outcome="answered"\} \d+$/m,
    );
    expect(text).not.toMatch(/="[^"]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/);
  });

  it('counts whom nobody answers as failed, and who is told no as refused', async () => {
    await gateway.call('GET', `/api/executions/${uuidv7()}`, { token: gateway.token });
    expect(await metrics()).toMatch(/subject="executor\.execution\.get\.v1",outcome="failed"\} 1$/m);
  });
});

describe('a slow statement', () => {
  it('is logged once by its service, with its text and without its parameters', async () => {
    const lines: { what?: string; statement?: string }[] = [];
    const quiet = (): void => undefined;
    Logger.overrideLogger({ log: quiet, error: quiet, warn: (line: object) => void lines.push(line) });
    try {
      await gateway.service.app
        .get(Database)
        .inTeam({ team: gateway.team }, (tx) => tx.query('SELECT pg_sleep($1), $2::text', [SLOW_S, 'a secret']));
      await until('the line', () => lines.length > 0);
    } finally {
      Logger.overrideLogger(['fatal']);
    }
    expect(lines.filter(({ what }) => what === 'slow statement')).toEqual([
      {
        what: 'slow statement',
        service: 'gateway',
        duration_ms: expect.any(Number),
        statement: 'SELECT pg_sleep($1), $2::text',
        trace_id: undefined,
      },
    ]);
    expect(await metrics()).toContain('spectrace_database_slow_statements_total{service="gateway"} 1');
  });
});
