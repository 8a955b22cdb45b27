import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type PrincipalKind, PRINCIPAL_KINDS, TEAM_ROLES } from '#contracts';
import { type Permission, PERMISSIONS } from '../src/auth/permission.rules.js';
import type { EndpointSpec } from '../src/http/endpoint.types.js';
import { endpointsOf, named } from './endpoints.fixture.js';
import { type Answer, openGateway, type TestGateway } from './gateway.fixture.js';
import { makeKey } from './keys.fixture.js';
import { openRows } from './sessions.fixture.js';

/** Whoever calls, and what the table says they may do. */
interface Subject {
  name: string;
  headers: Record<string, string>;
  may: readonly Permission[];
  byKey: boolean;
}

const MANY = '100000';
const LANES = 8;
/** Said once more than in the code it tests. */
const NO_AGENT_MAY: readonly Permission[] = [
  'approval.decide',
  'violation.write',
  'budget.write',
  'kill.write',
  'policy.write',
  'member.write',
  'system.read',
  'key.own',
  'key.manage',
];

let gateway: TestGateway;
let endpoints: EndpointSpec[];
let admin: string;
const subjects: Subject[] = [];

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

const addKey = async (kind: PrincipalKind, of: { role: string; scopes?: Permission[] }, may: readonly Permission[]) => {
  const { api_key } = await makeKey(gateway, admin, { type: kind, name: `the ${kind}`, ...of });
  subjects.push({
    name: `${kind} key ${of.role} ${of.scopes?.join() ?? ''}`,
    headers: { 'x-api-key': api_key },
    may: kind === 'agent' ? may.filter((permission) => !NO_AGENT_MAY.includes(permission)) : may,
    byKey: true,
  });
};

/** Somebody in our team by nothing but what they are in the whole installation. */
const addInstallationAdmin = async (): Promise<void> => {
  const { body: other } = await gateway.call('POST', '/api/teams', {
    token: gateway.token,
    body: { name: 'elsewhere' },
  });
  const { id, token } = await gateway.person('house@example.org', 'viewer', other.id);
  const rows = await openRows(gateway);
  await rows.query(`UPDATE gateway.users SET installation_admin = true WHERE id = $1`, [id]);
  await rows.end();
  const headers = { ...bearer(token), 'x-team-id': gateway.team };
  subjects.push({ name: 'session installation_admin', headers, may: PERMISSIONS.installation_admin, byKey: false });
};

beforeAll(async () => {
  gateway = await openGateway({ RATE_LIMIT_KEY: MANY, RATE_LIMIT_SESSION: MANY, RATE_LIMIT_NEW_KEYS: MANY });
  endpoints = endpointsOf(gateway.service).filter(({ needs }) => needs !== 'nothing');
  admin = (await gateway.person('admin.of.keys@example.org', 'admin')).token;
  for (const role of TEAM_ROLES) {
    const { token } = await gateway.person(`${role}@example.org`, role);
    subjects.push({ name: `session ${role}`, headers: bearer(token), may: PERMISSIONS[role], byKey: false });
    for (const kind of PRINCIPAL_KINDS) await addKey(kind, { role }, PERMISSIONS[role]);
  }
  await addInstallationAdmin();
  for (const permission of PERMISSIONS.admin) {
    for (const kind of PRINCIPAL_KINDS) await addKey(kind, { role: 'admin', scopes: [permission] }, [permission]);
  }
}, 60_000);
afterAll(() => gateway.close());

/** An input no route takes: whoever may ask is told so, everybody else is refused before it is looked at. */
const ask = ({ method, path }: EndpointSpec, headers: Record<string, string>): Promise<Answer> => {
  const url = path.replaceAll(/:[a-z_]+/g, gateway.team);
  return method === 'GET'
    ? gateway.call(method, `${url}?surprise=1`, { headers })
    : gateway.call(method, url, { headers, body: { surprise: 1 } });
};

const expectedOf = ({ needs, bySession }: EndpointSpec, { may, byKey }: Subject): [number, string] => {
  if (bySession && byKey) return [403, 'auth.session_needed'];
  if (needs === 'nothing' || needs === 'signed_in' || may.includes(needs)) return [400, 'input.invalid'];
  return [403, 'auth.permission_missing'];
};

it('every route lets in whom the table of permissions lets in: every role, by session and by every type of key', async () => {
  const cases = endpoints.flatMap((endpoint) => subjects.map((subject) => ({ endpoint, subject })));
  const [expected, found]: [unknown[], unknown[]] = [[], []];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < cases.length; at = next++) {
      const { endpoint, subject } = cases[at]!;
      const { status, body } = await ask(endpoint, subject.headers);
      expected[at] = [named(endpoint), subject.name, ...expectedOf(endpoint, subject)];
      found[at] = [named(endpoint), subject.name, status, body.code];
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(found).toEqual(expected);
  expect(found.length).toBe(endpoints.length * (TEAM_ROLES.length * 4 + PERMISSIONS.admin.length * 3 + 1));
}, 120_000);

it('what a caller is told they may do is what the table says', async () => {
  for (const { name, headers, may } of subjects) {
    const { body } = await gateway.call('GET', '/api/auth/me', { headers });
    expect([name, new Set(body.permissions)]).toEqual([name, new Set(may)]);
  }
});
