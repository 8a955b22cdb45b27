import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallContext, executor as contract } from '#contracts';
import { until } from '#testing';
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

describe('an action that policy allows is a no all the same', () => {
  const engaged = { code: 'kill_switch.engaged' };

  it('while a kill switch is engaged, and a yes of before is one again once it is released', async () => {
    const [input, ctx] = [proposal(), withKey()];
    expect((await ask(input, ctx)).decision).toBe('allow');
    engine.governance.kill({ scope: 'agent', team: engine.ctx.team, target: input.agent_id!, reason: 'Enough.' });
    expect(
      await until('it is obeyed', async () => {
        const answer = await ask(input, ctx);
        return answer.decision === 'deny' && answer;
      }),
    ).toMatchObject({ failure: engaged, reasons: [expect.stringContaining('Enough.')] });
    expect(await ask({ ...input, arguments: { path: 'b' } })).toMatchObject({ decision: 'deny', failure: engaged });
    expect((await ask()).decision).toBe('allow');
    engine.governance.kill();
    expect(await until('it is released', async () => (await ask(input, ctx)).decision === 'allow')).toBe(true);
  });

  it('when it was approved and then stopped, and the agent is told by whom and why', async () => {
    engine.governance.policy = () => 'ask';
    const [input, ctx] = [proposal(), withKey()];
    const { execution_id, approval_id } = await ask(input, ctx);
    const asked = engine.governance.asked.find(({ id }) => id === approval_id)!;
    await engine.governance.decide(asked, 'approved');
    engine.governance.kill({ scope: 'agent', team: engine.ctx.team, target: input.agent_id!, reason: 'Enough.' });
    const told = expect.stringMatching(/by the kill switch for the agent .*set by stopper@example\.org\): Enough\.$/);
    expect(await engine.ended(execution_id)).toMatchObject({
      status: 'cancelled',
      failure: { code: 'execution.stopped', message: told },
    });
    expect(await ask(input, ctx)).toMatchObject({
      decision: 'deny',
      reasons: expect.arrayContaining([told]),
      failure: { code: 'execution.stopped', message: told },
    });
  });

  it('while nobody can say whether one is engaged: it is asked again', async () => {
    const [input, ctx] = [proposal(), withKey()];
    const { kills } = engine.governance;
    engine.governance.kills = 'silent';
    await until('nothing is known any more', () =>
      ask(proposal()).then(
        () => false,
        ({ code, retryable }) => code === 'kill_switch.unknown' && retryable,
      ),
    );
    await expect(ask(input, ctx)).rejects.toMatchObject({ code: 'kill_switch.unknown', retryable: true });
    engine.governance.kills = kills;
    expect(await until('it is decided', () => ask(input, ctx).catch(() => false as const))).toMatchObject({
      decision: 'allow',
    });
  });

  it('when its budget is spent', async () => {
    engine.governance.budget = ({ amounts }) => ({ granted: amounts.steps !== 1, exhausted: 'No step is left.' });
    expect(await ask()).toMatchObject({
      decision: 'deny',
      status: 'failed',
      reasons: ['No step is left.'],
      failure: { code: 'budget.exhausted' },
    });
  });
});

describe('when somebody dies or is away', () => {
  it('governance away: the agent is told to ask again, and its record comes to an end without it', async () => {
    const input = proposal();
    const ctx = withKey();
    engine.governance.policy = () => {
      throw new Error('away');
    };
    await expect(ask(input, ctx)).rejects.toBeDefined();
    engine.governance.policy = () => 'allow';
    const answer = await until('it is decided', () => ask(input, ctx).catch(() => false as const));
    expect(answer).toMatchObject({ decision: 'allow' });
  });

  it('a process that died before it decided: a worker decides, and the agent is told the same', async () => {
    const [input, ctx] = [proposal(), withKey()];
    const { execution_id } = await waitingRow(input, ctx);
    expect((await engine.ended(execution_id)).status).toBe('unverifiable');
    expect(await ask(input, ctx)).toMatchObject({ execution_id, decision: 'allow' });
  });
});

/** A record whose submitter died right after it was written down. */
const waitingRow = async (input: contract.ProposeAction, ctx: CallContext) => {
  engine.governance.policy = () => {
    throw new Error('away');
  };
  await ask(input, ctx).catch(() => undefined);
  engine.governance.policy = () => 'allow';
  const [row] = await engine.asAdmin<{ execution_id: string }>(
    `SELECT response->>'execution_id' AS execution_id FROM executor.request WHERE key = $1`,
    [ctx.idempotency_key],
  );
  return row!;
};
