import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PERMISSIONS } from '../src/auth/permission.rules.js';
import { PACKAGE_ROOT } from '../src/health/version.js';
import type { EndpointSpec } from '../src/http/endpoint.types.js';
import { LIMITS } from '../src/http/limits.js';
import { endpointsOf, named } from './endpoints.fixture.js';
import { ADMIN, openGateway, type TestGateway } from './gateway.fixture.js';
import { Browser } from './sessions.fixture.js';

const PUBLIC = [
  'GET /',
  'GET /api/auth/methods',
  'GET /api/auth/oidc/callback',
  'GET /api/auth/oidc/start',
  'GET /api/docs',
  'GET /api/openapi.json',
  'GET /health',
  'GET /livez',
  'GET /metrics',
  'GET /readyz',
  'POST /api/auth/login',
  'POST /api/auth/logout',
  'POST /api/auth/refresh',
];

/** Files of the built console, each a route of its own that anybody may read. */
const consoleFiles = (): number => {
  const folder = join(PACKAGE_ROOT, 'dist/apps/console');
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
};

let gateway: TestGateway;
let endpoints: EndpointSpec[];

beforeAll(async () => {
  gateway = await openGateway();
  endpoints = endpointsOf(gateway.service);
});
afterAll(() => gateway.close());

describe('every route', () => {
  it('is declared as an endpoint: what Fastify routes is exactly what is declared', () => {
    const fastify = (gateway.service.app as NestFastifyApplication).getHttpAdapter().getInstance();
    for (const { method, path } of endpoints) expect(fastify.hasRoute({ method, url: path })).toBe(true);
    const lines = fastify.printRoutes({ commonPrefix: false }).split('\n');
    const routed = lines.flatMap((line) => /\(([A-Z, ]+)\)/.exec(line)?.[1]?.split(', ') ?? []);
    expect(routed.filter((method) => method !== 'HEAD').length).toBe(endpoints.length + consoleFiles());
  });

  it('needs somebody signed in, but for a short list', () => {
    expect(
      endpoints
        .filter(({ needs }) => needs === 'nothing')
        .map(named)
        .sort(),
    ).toEqual(PUBLIC);
  });

  it('waits until a one-time password is changed, but for a short list', () => {
    const free = endpoints.filter(({ evenOneTime }) => evenOneTime);
    expect(free.map(named).sort()).toEqual(['GET /api/auth/me', 'POST /api/auth/password']);
    expect(free.every(({ needs }) => needs === 'signed_in')).toBe(true);
  });

  it('refuses a cookie alone where something changes', async () => {
    const browser = new Browser(gateway);
    await browser.login(ADMIN.email, ADMIN.password);
    for (const { method, path, needs } of endpoints) {
      if (needs === 'nothing' || method === 'GET') continue;
      const { status, body } = await browser.send(method, path.replaceAll(/:[a-z_]+/g, gateway.team), { csrf: null });
      expect([`${method} ${path}`, status, body.code]).toEqual([`${method} ${path}`, 403, 'auth.csrf']);
    }
  });

  it('has a permission somebody has, a limit and an input that is validated', () => {
    const permissions = new Set<string>([...Object.values(PERMISSIONS).flat(), 'signed_in', 'nothing']);
    for (const endpoint of endpoints) {
      expect(permissions).toContain(endpoint.needs);
      expect(Object.keys(LIMITS)).toContain(endpoint.limit);
      expect(endpoint.input.prototype).toBeDefined();
    }
  });

  it('refuses a caller without a token and one with a forged one', async () => {
    for (const { method, path, needs } of endpoints) {
      if (needs === 'nothing') continue;
      const url = path.replaceAll(/:[a-z_]+/g, gateway.team);
      for (const token of [undefined, 'e30.e30.e30']) {
        const { status, body } = await gateway.call(method, url, { token });
        expect([`${method} ${path}`, status]).toEqual([`${method} ${path}`, 401]);
        expect(body.code).toBe(token ? 'auth.token_invalid' : 'auth.required');
      }
    }
  });

  it('refuses fields it does not know', async () => {
    for (const { method, path, ignoresUnknown } of endpoints) {
      if (ignoresUnknown) continue;
      const url = path.replaceAll(/:[a-z_]+/g, gateway.team);
      const unknown = method === 'GET' ? { path: `${url}?surprise=1` } : { path: url, body: { surprise: 1 } };
      const { status, body } = await gateway.call(method, unknown.path, { token: gateway.token, body: unknown.body });
      expect([`${method} ${path}`, status]).toEqual([`${method} ${path}`, 400]);
      expect(body.errors).toContainEqual({ path: '/surprise', message: 'unknown field "surprise"' });
    }
  });

  it('lets nobody in without the permission it needs', async () => {
    const viewer = await gateway.person('routes.viewer@example.org', 'viewer');
    for (const { method, path, needs } of endpoints) {
      if (needs === 'nothing' || needs === 'signed_in' || PERMISSIONS.viewer.includes(needs)) continue;
      const url = path.replace(':team_id', gateway.team).replaceAll(/:[a-z_]+/g, gateway.team);
      const { status, body } = await gateway.call(method, url, { token: viewer.token });
      expect([`${method} ${path}`, status, body.code]).toEqual([`${method} ${path}`, 403, 'auth.permission_missing']);
    }
  });

  it('counts against the limit it declares, and tells how much is left', async () => {
    for (const { method, path, limit } of endpoints) {
      const url = `${path.replaceAll(/:[a-z_]+/g, gateway.team)}?surprise=1`;
      const { headers } = await gateway.call(method, url, { token: gateway.token });
      const { calls, windowMs } = LIMITS[limit];
      const policy = `"${limit}";q=${calls};w=${windowMs / 1_000}`;
      expect([`${method} ${path}`, headers.get('ratelimit-policy')]).toEqual([`${method} ${path}`, policy]);
      expect(headers.get('ratelimit')).toMatch(new RegExp(`^"${limit}";r=\\d+;t=\\d+$`));
    }
  });
});

describe('OpenAPI', () => {
  it('describes every route, its input, its answers, problems and who may call', async () => {
    const { body } = await gateway.call('GET', '/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    for (const { method, path, needs, bySession } of endpoints) {
      const operation = body.paths[path.replaceAll(/:([a-z_]+)/g, '{$1}')]?.[method.toLowerCase()];
      expect([path, operation?.responses.default.content]).toEqual([
        path,
        { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      ]);
      expect(operation.security).toEqual(
        needs === 'nothing' ? undefined : [{ bearer: [] }, { session: [] }, ...(bySession ? [] : [{ api_key: [] }])],
      );
    }
    expect(body.components.securitySchemes.session).toMatchObject({ in: 'cookie', name: 'spectrace_session' });
    expect(body.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
    const execute = body.paths['/api/execute'].post;
    expect(execute.requestBody.content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Execute' });
    expect(Object.keys(execute.responses).sort()).toEqual(['200', '202', 'default']);
    expect(body.components.schemas.Execute.properties.playbook).toBeDefined();
    expect(body.components.schemas.Execute.required).toEqual(['task_description', 'agent_type']);
    const members = body.paths['/api/teams/{team_id}/members'].post;
    expect(members.requestBody.content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/AddMemberBody',
    });
    expect(body.components.schemas.AddMemberBody.properties.team_id).toBeUndefined();
    expect(JSON.stringify(body)).not.toContain('"nullable"');
    const list = body.paths['/api/executions'].get.parameters;
    expect(list.find(({ name }: { name: string }) => name === 'limit').schema).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 200,
    });
  });

  it('has every schema it refers to', async () => {
    const { body } = await gateway.call('GET', '/api/openapi.json');
    const referred = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
    expect(Object.keys(body.components.schemas)).toEqual(expect.arrayContaining([...new Set(referred)]));
  });

  it('is a page without scripts', async () => {
    const { body, headers } = await gateway.call('GET', '/api/docs');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(body).toContain('POST /api/execute');
    expect(body).not.toContain('<script');
  });
});
