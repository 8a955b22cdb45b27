import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, until } from '#testing';
import { type Elsewhere, openElsewhere } from './elsewhere.js';
import { type Engine, openEngine } from './engine.js';

let engine: Engine;
let elsewhere: Elsewhere;
beforeAll(async () => {
  engine = await openEngine();
  await engine.start();
  elsewhere = openElsewhere(engine);
});
afterAll(() => engine.close());
afterEach(() => {
  Object.assign(engine.governance, { policy: () => 'allow', deadlineMs: 60_000, budget: () => ({}) });
  engine.governance.kill();
  Object.assign(engine.prediction, { beforeAssessing: async () => undefined });
  engine.governance.requests.length = 0;
});

const proposal: Elsewhere['proposal'] = (changed) => elsewhere.proposal(changed);
const withKey: Elsewhere['withKey'] = () => elsewhere.withKey();
const ask: Elsewhere['ask'] = (input, ctx) => elsewhere.ask(input, ctx);
const askedOf = (id: string) => engine.governance.asked.find((one) => one.request.execution_id === id)!;
const workOf = async (id: string) => {
  const sql = `SELECT state FROM executor.work WHERE execution_id = $1`;
  return (await engine.asAdmin<{ state: string }>(sql, [id]))[0]!.state;
};
const kindsOf = async (id: string) => (await engine.frames(id)).map(({ kind }) => kind);
/** An action that people are asked about, and how its agent asks again. */
const waiting = async () => {
  engine.governance.policy = () => 'ask';
  const [input, ctx] = [proposal(), withKey()];
  const answer = await ask(input, ctx);
  return { answer, id: answer.execution_id, again: () => ask(input, ctx) };
};

describe('an action of an agent elsewhere', () => {
  it('that policy allows is predicted, decided, recorded, and handed over unverified', async () => {
    const input = proposal({ thought: 'It is old. Ask ada@example.org.' });
    const answer = await ask(input);
    const { execution_id: id } = answer;
    expect(answer).toMatchObject({
      decision: 'allow',
      status: 'unverifiable',
      key: `${id}/1/0`,
      tier_needed: 1,
      determining_policies: ['of-a-test'],
      risk: 0.3,
      findings: [{ code: 'a.b' }],
      failure: null,
    });
    expect(engine.governance.requests).toEqual([
      expect.objectContaining({
        ...{
          execution_id: id,
          step: 1,
          index: 0,
          digest: answer.digest,
          tool: 'file.delete@v1',
          effects: 'reversible',
        },
        ...{ paths: ['a.txt'], held: false, sandbox: 'none', workspace: { id: elsewhere.folder, registered: true } },
      }),
    ]);
    const record = await engine.get(id);
    expect(record).toMatchObject({ agent_type: 'external', status: 'unverifiable', phase: 'completed', can: [] });
    expect(record.execution_trace).toMatchObject([
      {
        thought: 'It is old. Ask [redacted:email].',
        observation: expect.stringContaining('nobody here saw what it did'),
        actions: [{ status: 'kept', predicted: { risk: 0.3 }, decided: { decision: 'allow' }, verified: null }],
      },
    ]);
    expect(await kindsOf(id)).toEqual([
      ...['execution.submitted', 'step.proposed', 'action.predicted', 'action.decided', 'execution.decided'],
      ...['execution.started', 'action.started', 'step.finished', 'execution.verifying', 'execution.finished'],
    ]);
    expect(await workOf(id)).toBe('done');
    const told = await engine.asAdmin<{ type: string }>(
      `SELECT type FROM executor.fact WHERE aggregate_id = $1 ORDER BY version`,
      [id],
    );
    expect(told.map(({ type }) => type.split('.').slice(1, 3).join('.'))).toEqual([
      'execution.submitted',
      'action.decided',
      'execution.finished',
    ]);
  });

  it('that policy denies is recorded with the reason', async () => {
    engine.governance.policy = () => 'deny';
    const answer = await ask();
    expect(answer).toMatchObject({
      decision: 'deny',
      status: 'denied',
      tier_needed: null,
      reasons: ['The test says deny.'],
      failure: { code: 'action.denied' },
    });
    expect(await engine.get(answer.execution_id)).toMatchObject({ status: 'denied', failure: answer.failure });
  });

  it('is decided without prediction when that does not answer, as of unknown risk', async () => {
    engine.prediction.beforeAssessing = () => new Promise(() => undefined);
    expect(await ask()).toMatchObject({
      decision: 'allow',
      risk: null,
      findings: [{ code: 'prediction.unavailable' }],
    });
    expect(engine.governance.requests[0]!.risk).toBeNull();
  });

  it('in no folder is put to policy as outside every registered one', async () => {
    await ask(proposal({ workspace: undefined }));
    expect(engine.governance.requests[0]!.workspace).toEqual({ id: 'elsewhere', registered: false });
  });

  it('with a tool nobody has is put to policy as the worst there is', async () => {
    await ask(proposal({ tool: 'rocket.launch@v3', arguments: { to: 'moon' }, paths: ['x'], host: 'moon.example' }));
    expect(engine.governance.requests[0]).toMatchObject({
      ...{ tool: 'rocket.launch@v3', effects: 'irreversible', paths: ['x'], target: { host: 'moon.example' } },
    });
  });

  it('cannot hide a path its arguments name', async () => {
    await ask(proposal({ paths: ['b.txt'] }));
    expect(engine.governance.requests[0]!.paths).toEqual(['a.txt', 'b.txt']);
  });

  it.each<[string, Partial<contract.ProposeAction>, string, string]>([
    ['arguments that do not fit', { arguments: { path: 1 } }, 'input.invalid', '/arguments/path'],
    [
      'a path that leaves',
      { workspace: { kind: 'local', path: '/etc' } },
      'workspace.outside_roots',
      '/workspace/path',
    ],
    ['no tool', { tool: 'DROP TABLE' }, 'input.invalid', '/tool'],
    ['a NUL in a path', { paths: ['a\0b'] }, 'input.invalid', '/paths/0'],
  ])('with %s is refused, and nothing is recorded', async (_name, changed, code, path) => {
    const before = await engine.asAdmin(`SELECT id FROM executor.execution`);
    await expect(ask(proposal(changed))).rejects.toMatchObject({
      code,
      details: { errors: expect.arrayContaining([expect.objectContaining({ path })]) },
    });
    expect(await engine.asAdmin(`SELECT id FROM executor.execution`)).toEqual(before);
  });

  it.each<[string, Partial<contract.ProposeAction>]>([
    ['half a character in an argument', { tool: 'x.y', arguments: { text: '\ud800' } }],
    ['half a character in a path', { tool: 'x.y', paths: ['\udfff'] }],
    ['a number nobody can digest', { tool: 'x.y', arguments: { n: 2 ** 60 } }],
  ])('with %s is refused, and nothing is recorded', async (_name, changed) => {
    const before = await engine.asAdmin(`SELECT id FROM executor.execution`);
    await expect(ask(proposal(changed))).rejects.toMatchObject({ code: 'json.not_canonical', retryable: false });
    expect(await engine.asAdmin(`SELECT id FROM executor.execution`)).toEqual(before);
  });

  it('keeps NUL, markup and whatever else its texts hold as text', async () => {
    const odd = 'a\u0000<script>\u202e\n' + 'x'.repeat(5_000);
    const answer = await ask(proposal({ tool: 'x.y', arguments: { [odd]: odd }, thought: odd.slice(2) }));
    const [step] = (await engine.get(answer.execution_id)).execution_trace;
    expect(JSON.stringify(step!.actions[0]!.arguments)).toContain('<script>');
  });

  it('repeated with its key is one record; another action under the key is refused', async () => {
    const [input, ctx] = [proposal(), withKey()];
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(input, ctx)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(engine.governance.requests).toHaveLength(1);
    await expect(ask({ ...input, arguments: { path: 'b.txt' } }, ctx)).rejects.toMatchObject({
      code: 'request.key_reused',
    });
  });

  it('of another team is not seen, whatever its key', async () => {
    const [input, ctx] = [proposal(), withKey()];
    const { execution_id } = await ask(input, ctx);
    const stranger = { ...callContext(), idempotency_key: ctx.idempotency_key };
    expect((await ask(input, stranger)).execution_id).not.toBe(execution_id);
    const look = engine.bus.call(stranger, contract.execution.get, { execution_id });
    await expect(look).rejects.toMatchObject({ code: 'execution.not_found' });
  });
});

describe('an action that people are asked about', () => {
  it('waits as a row, and its agent is told so as often as it asks', async () => {
    const { answer, id, again } = await waiting();
    expect(answer).toMatchObject({
      decision: 'ask',
      status: 'awaiting_approval',
      tier_needed: 2,
      approval_id: askedOf(id).id,
      expires_at: askedOf(id).expires_at,
    });
    expect(await again()).toEqual(answer);
    expect(engine.governance.asked.filter((one) => one.request.execution_id === id)).toHaveLength(1);
  });

  it('is handed over once it is approved and its agent asks again, and the approval is used once', async () => {
    const { id, again } = await waiting();
    await engine.governance.decide(askedOf(id), 'approved');
    expect(engine.governance.claimed).not.toContain(askedOf(id).id);
    const answer = await again();
    expect(answer).toMatchObject({ decision: 'allow', approvers: ['approver@example.org'], policy_epoch: 8 });
    expect(await again()).toEqual(answer);
    expect(engine.governance.claimed.filter((one) => one === askedOf(id).id)).toHaveLength(1);
  });

  it('is not a reviewer’s to edit: no action is made of other arguments', async () => {
    const { id, answer } = await waiting();
    const written = { id: askedOf(id).id, digest: answer.digest, arguments: { path: 'b.txt' } };
    expect(await engine.bus.call(engine.ctx, contract.action.edit, written)).toEqual({ request: null });
    expect((await engine.get(id)).status).toBe('awaiting_approval');
  });

  it.each(['rejected', 'expired', 'withdrawn'] as const)('ends by itself when it is %s', async (status) => {
    const { id, again } = await waiting();
    await engine.governance.decide(askedOf(id), status);
    expect((await engine.ended(id)).status).toBe(status === 'expired' ? 'expired' : 'denied');
    expect(await again()).toMatchObject({ decision: 'deny', failure: { code: `approval.${status}` } });
  });

  it('is a no once people cancel it, although it was approved', async () => {
    const { id, again } = await waiting();
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    await engine.governance.decide(askedOf(id), 'approved');
    expect(await again()).toMatchObject({ decision: 'deny', status: 'cancelled' });
    expect((await engine.ended(id)).status).toBe('cancelled');
    expect(engine.governance.claimed).not.toContain(askedOf(id).id);
  });

  it('that people paused is not handed over before they let it go on', async () => {
    const { id, again } = await waiting();
    await engine.bus.call(engine.ctx, contract.execution.pause, { execution_id: id });
    await engine.governance.decide(askedOf(id), 'approved');
    expect(await again()).toMatchObject({
      decision: 'ask',
      status: 'paused',
      reasons: ['A person has paused it.', 'The test says ask.'],
    });
    await engine.bus.call(engine.ctx, contract.execution.resume, { execution_id: id });
    expect(await again()).toMatchObject({ decision: 'allow' });
  });
});

describe('what an agent elsewhere has met', () => {
  const read = (agent_id: string) => proposal({ agent_id, tool: 'shell.run', arguments: { argv: ['ls'] } });
  const taintsOf = (agent_id: string) =>
    engine.governance.requests.filter((one) => one.agent_id === agent_id).map(({ taint }) => taint.read_untrusted);

  it('is known in its next action, and in no other agent’s', async () => {
    const [agent, other] = [uuidv7(), uuidv7()];
    await ask(read(agent));
    await ask(proposal({ agent_id: agent }));
    await ask(proposal({ agent_id: other }));
    expect([taintsOf(agent), taintsOf(other)]).toEqual([[false, true], [false]]);
  });

  it('is not what was denied', async () => {
    const agent = uuidv7();
    engine.governance.policy = () => 'deny';
    await ask(read(agent));
    await ask(read(agent));
    expect(taintsOf(agent)).toEqual([false, false]);
  });

  it('since a person was asked counts when the approval is used', async () => {
    const agent = uuidv7();
    engine.governance.policy = ({ tool }) => (tool === 'file.delete@v1' ? 'ask' : 'allow');
    const [input, ctx] = [proposal({ agent_id: agent }), withKey()];
    const { execution_id } = await ask(input, ctx);
    await ask(read(agent));
    await engine.governance.decide(askedOf(execution_id), 'approved');
    await ask(input, ctx);
    const [row] = await engine.asAdmin<{ taint: { read_untrusted: boolean } }>(
      `SELECT taint FROM executor.execution WHERE id = $1`,
      [execution_id],
    );
    expect(row!.taint.read_untrusted).toBe(true);
  });

  it.each([
    ['deny', 'deny', 'failed'],
    ['ask', 'deny', 'failed'],
    ['allow', 'allow', 'unverifiable'],
  ] as const)('between a decision and its use is decided about: %s is %s', async (said, decision, status) => {
    const agent_id = uuidv7();
    engine.governance.policy = ({ taint }) => (taint.read_untrusted ? said : 'allow');
    const met = { read_sensitive: false, read_untrusted: true, external_send_pending: false, secrets_used: false };
    // Another action of the agent that is being handed over at the same time.
    await engine.asAdmin('BEGIN');
    await engine.asAdmin(`INSERT INTO executor.external_agent (team_id, agent_id, taint) VALUES ($1, $2, $3)`, [
      ...[engine.ctx.team, agent_id, JSON.stringify(met)],
    ]);
    const asking = ask(proposal({ agent_id }));
    await until('it is decided', async () => taintsOf(agent_id).length === 1);
    await engine.asAdmin('COMMIT');
    expect(await asking).toMatchObject({ decision, status });
    expect(taintsOf(agent_id)).toEqual([false, true]);
  });
});
