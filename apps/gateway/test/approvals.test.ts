import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor, governance } from '#contracts';
import { AppError, uuidv7 } from '#kernel';
import { ADMIN, answers, openGateway, type TestGateway } from './gateway.fixture.js';

let gateway: TestGateway;
const stops: (() => void)[] = [];

beforeAll(async () => {
  gateway = await openGateway();
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(() => gateway.close());

const stand = async (...standing: Promise<() => void>[]): Promise<void> =>
  void stops.push(...(await Promise.all(standing)));

const edited: governance.DecideAction = {
  execution_id: uuidv7(),
  step: 1,
  index: 0,
  digest: `sha256:${'b'.repeat(64)}`,
  agent_id: 'tidy',
  agent_version: '1',
  tool: 'file.delete@v1',
  effects: 'reversible',
  arguments: { path: 'b' },
  target: { kind: 'path', path: 'b' },
  paths: ['b'],
  risk: 0.1,
  workspace: { id: '/srv/tidy', registered: true },
  held: true,
  sandbox: 'bubblewrap',
  taint: { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: false },
};

describe('approvals', () => {
  it.each(['approve', 'reject'] as const)('%s carries the decision and the reason', async (decision) => {
    const id = uuidv7();
    const seen: object[] = [];
    await stand(
      answers(gateway.nats, governance.approval.decide, (input) => {
        seen.push({ ...input });
        throw new AppError('approval.self_approval', 'You asked for it yourself.');
      }),
    );
    const { status, body } = await gateway.call('POST', `/api/autonomy/approvals/${id}/${decision}`, {
      token: gateway.token,
      body: { reason: 'seen' },
    });
    expect([status, body.code]).toEqual([403, 'approval.self_approval']);
    expect(seen).toEqual([{ id, decision, reason: 'seen' }]);
  });

  it.each(['approve', 'reject'] as const)('%s carries the key and what was looked at', async (decision) => {
    const [id, digest] = [uuidv7(), `sha256:${'a'.repeat(64)}`];
    const seen: unknown[] = [];
    await stand(
      answers(gateway.nats, governance.approval.decide, (input, ctx) => {
        seen.push({ ...input }, ctx.idempotency_key);
        throw new AppError('approval.edited', 'Look again.', { details: { digest } });
      }),
    );
    const { status, body } = await gateway.call('POST', `/api/autonomy/approvals/${id}/${decision}`, {
      token: gateway.token,
      headers: { 'idempotency-key': 'mine' },
      body: { reason: 'seen', digest },
    });
    expect([status, body.code, body.details]).toEqual([409, 'approval.edited', { digest }]);
    expect(seen).toEqual([{ id, decision, reason: 'seen', digest }, 'mine']);
  });

  it('a yes to other arguments is the reviewer’s own, about what the executor has made of them', async () => {
    const [id, digest] = [uuidv7(), `sha256:${'a'.repeat(64)}`];
    const seen: unknown[] = [];
    await stand(
      answers(gateway.nats, executor.action.edit, (input) => {
        seen.push({ ...input });
        return { request: edited };
      }),
      answers(gateway.nats, governance.approval.edit, (input, ctx) => {
        seen.push({ ...input, request: { ...input.request } }, ctx.principal.name, ctx.idempotency_key);
        throw new AppError('approval.edit_denied', 'No.');
      }),
    );
    const path = `/api/autonomy/approvals/${id}/approve`;
    const headers = { 'idempotency-key': 'mine' };
    const written = { digest, arguments: { path: 'b' } };
    const input = { token: gateway.token, headers, body: { ...written, reason: 'seen' } };
    const { status, body } = await gateway.call('POST', path, input);
    expect([status, body.code]).toEqual([409, 'approval.edit_denied']);
    expect(seen).toMatchObject([
      { id, ...written },
      { id, ...written, reason: 'seen', request: { digest: edited.digest, paths: edited.paths } },
      ADMIN.email,
      'mine',
    ]);
    expect(seen[0]).not.toHaveProperty('reason');
    const blind = await gateway.call('POST', path, { token: gateway.token, body: { arguments: {} } });
    expect([blind.status, blind.body.errors[0].path]).toEqual([400, '/digest']);
    const smuggled = { digest, arguments: {}, request: { digest } };
    const refused = await gateway.call('POST', path, { token: gateway.token, body: smuggled });
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, '/request']);
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('are never decided by a %s', async (method) => {
    const id = uuidv7();
    const seen: object[] = [];
    const answer = (input: object): never => {
      seen.push(input);
      throw new AppError('approval.not_found', 'None.');
    };
    await stand(
      answers(gateway.nats, governance.approval.decide, answer),
      answers(gateway.nats, governance.approval.edit, answer),
      answers(gateway.nats, executor.action.edit, answer),
    );
    for (const decision of ['approve', 'reject']) {
      const path = `/api/autonomy/approvals/${id}/${decision}?reason=seen&decision=${decision}`;
      const { status } = await gateway.call(method, path, { token: gateway.token });
      expect(status).toBe(405);
    }
    expect(seen).toEqual([]);
  });

  it('the decision cannot be smuggled in', async () => {
    const { status, body } = await gateway.call('POST', `/api/autonomy/approvals/${uuidv7()}/reject`, {
      token: gateway.token,
      body: { decision: 'approve' },
    });
    expect([status, body.errors[0].path]).toEqual([400, '/decision']);
  });
});
