import { uuidv7 } from '#kernel';
import { until } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { call, type Caller } from './caller.js';
import { SuiteProcess } from './suite-process.js';
import { makeWorkspace } from './workspace.js';

const TEST_MS = 60_000;

let suite: SuiteProcess;
let ada: Caller;
let bob: Caller;
let folder: string;
let agentKey: string;

beforeAll(async () => {
  suite = await SuiteProcess.open();
  ada = await suite.person('ada@example.org', 'approver');
  bob = await suite.person('bob@example.org', 'approver');
  folder = makeWorkspace(join(suite.workspaces, 'project'), { 'src/a.ts': 'a\n', 'data/c.db': 'c\n', '.env': 'K=1\n' });
  const made = await suite.admin.post('/api/keys', { type: 'agent', name: 'helper' });
  agentKey = made.body.api_key;
}, 120_000);
afterAll(() => suite?.close(), 60_000);

/** The agent asks; the same key is the same question. */
const ask = (body: object, key: string = uuidv7()) =>
  call(suite.url, 'POST', '/loop/execute', {
    headers: { 'x-api-key': agentKey, 'idempotency-key': key },
    body: { task_description: 'Tidy up.', workspace: { kind: 'local', path: folder }, ...body },
  });
const write = (path: string) => ({ tool: 'file.write', arguments: { path, content: 'x' } });
const read = (path: string) => ({ tool: 'file.read', arguments: { path } });

describe('an agent that runs elsewhere', () => {
  it('may read, and what it is told is on record', async () => {
    const { status, body } = await ask(read('src/a.ts'));
    expect([status, body.decision, body.determining_policies]).toEqual([200, 'allow', ['read-files']]);
    const { agent_id, agent_type, status: stands } = await suite.admin.execution(body.execution_id);
    expect([agent_id, agent_type, stands]).toEqual(['helper', 'external', 'unverifiable']);
  });

  it(
    'asks before it writes, is told what people said when it asks again, and nobody stands in for them',
    async () => {
      const key = uuidv7();
      const first = await ask(write('src/b.ts'), key);
      expect(first.body).toMatchObject({ decision: 'ask', status: 'awaiting_approval', tier_needed: 2 });
      expect((await ask(write('src/b.ts'), key)).body).toEqual(first.body);
      const approve = `/api/autonomy/approvals/${first.body.approval_id}/approve`;
      const own = await call(suite.url, 'POST', approve, { headers: { 'x-api-key': agentKey }, body: {} });
      expect([own.status, own.body.code]).toEqual([403, 'auth.permission_missing']);
      expect((await ada.post(approve, {})).status).toBe(200);
      const told = await ask(write('src/b.ts'), key);
      expect(told.body).toMatchObject({ decision: 'allow', approvers: ['ada@example.org'], approval_id: null });
      expect((await ask(write('src/c.ts'), key)).body.code).toBe('request.key_reused');
    },
    TEST_MS,
  );

  it(
    'is told no with the reason: by policy, by a person, outside every folder, with a tool nobody knows',
    async () => {
      const key = uuidv7();
      const asked = await ask(write('data/c.db'), key);
      const reason = 'Not today.';
      await bob.post(`/api/autonomy/approvals/${asked.body.approval_id}/reject`, { reason });
      const rejected = await until('it is a no', async () => {
        const { body } = await ask(write('data/c.db'), key);
        return body.decision === 'deny' && body;
      });
      expect(rejected.failure.code).toBe('approval.rejected');
      const nos = await Promise.all([
        ask(read('../other')),
        ask({ ...read('src/a.ts'), workspace: undefined }),
        ask({ tool: 'rocket.launch', arguments: {} }),
        ask({ tool: 'mail.send', arguments: {}, host: 'mail.example.org' }),
      ]);
      expect(nos.map(({ status, body }) => [status, body.decision, body.reasons.length > 0])).toEqual(
        nos.map(() => [200, 'deny', true]),
      );
    },
    TEST_MS,
  );

  it('speaks for itself alone, and to its own team', async () => {
    const other = await ask({ ...read('src/a.ts'), agent_id: 'another' });
    expect([other.status, other.body.code]).toEqual([403, 'auth.agent_refused']);
    const { body } = await ask(read('src/a.ts'));
    const team = (await suite.admin.post('/api/teams', { name: 'elsewhere' })).body.id;
    const stranger = await suite.person('stranger@example.org', 'admin', team);
    expect((await stranger.get(`/api/executions/${body.execution_id}`)).status).toBe(404);
  });

  it.each([
    ['half an argument', { tool: 'file.read', arguments: {} }, 400],
    ['a folder nobody listed', { ...read('x'), workspace: { kind: 'local', path: '/etc' } }, 400],
    ['more than is asked for', { ...read('x'), held: true }, 400],
    ['nothing', { tool: undefined }, 400],
  ])('with %s gets a clear error', async (_what, body, status) => {
    const answer = await ask(body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, expect.stringMatching(/problem/)]);
    expect(answer.body.detail ?? answer.body.title).toBeTruthy();
  });
});

describe('policies over HTTP', () => {
  const evaluate = async (body: object) => (await ada.post('/api/governance/evaluate', body)).body;

  const BUILD = { tool: 'file.write', arguments: { path: 'build/x', content: 'x' } };
  const HOST = { tool: 'http.request', arguments: {}, host: 'evil.example' };
  it.each<[string, object, object, string]>([
    ['of a request', HOST, { host: 'evil.example' }, 'deny'],
    ['of a file of the build', BUILD, { paths: ['build/x'] }, 'ask 2'],
    ['of a secret', write('.env'), { paths: ['.env'] }, 'ask 3'],
    ['of a file that is read', read('src/a.ts'), { paths: ['src/a.ts'] }, 'allow 1'],
    [
      'of a command',
      { tool: 'shell.run', arguments: { argv: ['make', 'build'] } },
      { paths: ['make', 'build'] },
      'ask 2',
    ],
    ['of a folder that is not named', { ...BUILD, workspace: undefined }, { paths: ['x'], registered: false }, 'deny'],
  ])('say %s what an agent elsewhere is told', async (_what, proposal, named, outcome) => {
    const asAgent = (body: object) =>
      call(suite.url, 'POST', '/api/governance/evaluate', { headers: { 'x-api-key': agentKey }, body });
    const told = (await ask(proposal)).body;
    const { tool } = proposal as { tool: string };
    const asked = { driver: 'external', tool, risk: told.risk, ...named };
    const evaluated = (await asAgent(asked)).body;
    const spoken = ({ decision, tier_needed }: { decision: string; tier_needed: number | null }) =>
      tier_needed === null ? decision : `${decision} ${tier_needed}`;
    expect([spoken(evaluated), spoken(told)]).toEqual([outcome, outcome]);
    expect(evaluated.determining_policies.map(({ id }: { id: string }) => id)).toEqual(told.determining_policies);
    const other = await asAgent({ ...asked, agent_id: 'another' });
    expect([other.status, other.body.code]).toEqual([403, 'auth.agent_refused']);
  });

  it('explain themselves', async () => {
    const { sentences } = await evaluate({ tool: 'file.delete', paths: ['data/a', 'build/b'], risk: 0.1 });
    expect(sentences[0]).toMatch(/^Needs one approver, because: Changing protected data/);
    expect(sentences).toContainEqual(
      expect.stringMatching(/^Without "data\/a", it would be allowed for "build\/b"\.$/),
    );
  });

  it(
    'are drafted, tried, approved by two others, in force for the next action, and taken back',
    async () => {
      const { admin } = suite;
      const { files, epoch } = (await admin.get('/api/governance/policies')).body;
      const wider = `${files['path-classes.yaml']}  - pattern: src/**\n    class: secret\n`;
      const tests = Object.keys(files).filter((name) => name.startsWith('tests/'));
      const changed = {
        ...files,
        'path-classes.yaml': wider,
        ...Object.fromEntries(tests.map((name) => [name, files[name].replaceAll('src/', 'lib/')])),
      };
      const drafted = await admin.post('/api/governance/policies', { files: changed, note: 'Sources are secret.' });
      const at = `/api/governance/policies/${drafted.body.id}`;
      expect([drafted.status, (await ada.post(`${at}/validate`)).status]).toEqual([201, 403]);
      expect((await admin.post(`${at}/validate`)).body.check).toMatchObject({ ok: true, problems: [] });
      expect((await admin.post(`${at}/publish`)).body.code).toBe('policy.not_shadowed');
      await ask(read('src/a.ts'));
      const { shadow } = await until('what was allowed is recorded', async () => {
        const { body } = await admin.post(`${at}/shadow`);
        return body.shadow.flipped > 0 && body;
      });
      expect(shadow.flips).toContainEqual(expect.objectContaining({ from: 'allow', to: 'ask 2' }));
      expect((await admin.post(`${at}/publish`)).body.status).toBe('awaiting_approval');
      expect((await admin.post(`${at}/approve`, {})).body.code).toBe('approval.self_approval');
      expect((await ada.post(`${at}/approve`, {})).body.status).toBe('awaiting_approval');
      expect((await bob.post(`${at}/approve`, {})).body).toMatchObject({ status: 'published', epoch: epoch + 1 });
      const underEpoch = (wanted: number) =>
        until(`epoch ${wanted} is in force`, async () => {
          const { body } = await ask(read('src/a.ts'));
          return body.policy_epoch === wanted && body;
        });
      expect(await underEpoch(epoch + 1)).toMatchObject({
        decision: 'ask',
        determining_policies: ['read-secret-files'],
      });

      const { items } = (await admin.get('/api/governance/policies')).body;
      const { id: old } = items.find((one: { epoch: number }) => one.epoch === epoch);
      const back = await admin.post(`/api/governance/policies/${old}/rollback`, { reason: 'Too strict.' });
      expect(back.body).toMatchObject({ status: 'awaiting_approval', returns_to: epoch, approvers_needed: 1 });
      await ada.post(`/api/governance/policies/${back.body.id}/approve`, {});
      expect(await underEpoch(epoch + 2)).toMatchObject({ decision: 'allow' });
    },
    TEST_MS,
  );
});
