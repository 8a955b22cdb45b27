import type { CallContext, executor } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Heard } from '#messaging';
import { callContext, openTestDatabase, type TestDatabase } from '#testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { prediction } from '../definition.js';
import { OutcomeConsumers } from './outcome.consumers.js';
import { OutcomeRepository } from './outcome.repository.js';

describe('how the runs of a team ended', () => {
  const outcomes = new OutcomeRepository();
  const consumers = new OutcomeConsumers(outcomes);
  let test: TestDatabase;
  let ours: CallContext;

  beforeAll(async () => {
    test = await openTestDatabase(prediction as never);
  });
  afterAll(() => test.close());
  beforeEach(() => {
    ours = callContext();
  });

  const hear = (
    ctx: CallContext,
    body: Partial<executor.ExecutionFinished> = {},
    version = 2,
    at = '2026-01-05T10:00:00.000Z',
  ): Promise<void> => {
    const execution_id = body.execution_id ?? uuidv7();
    const heard: Heard<executor.ExecutionFinished> = {
      id: uuidv7(),
      type: 'executor.execution.finished.v1',
      team: ctx.team,
      aggregate_id: execution_id,
      version,
      at,
      body: {
        execution_id,
        status: 'succeeded',
        agent_id: 'tidy',
        risk_score: 0.1,
        deception_probability: 0,
        failure: null,
        journal_seq: 9,
        ...body,
      },
    };
    return test.database.inTeam(ctx, (tx) => consumers.executionFinished(heard, tx));
  };
  const history = (ctx: CallContext, agent: string | null) =>
    test.database.inTeam(ctx, (tx) => outcomes.history(tx, agent));
  const deviated = { status: 'failed', failure: { code: 'contract.deviated', message: 'left it' } } as const;

  it('no run at all: zero of zero', async () => {
    const none = { finished: 0, failed: 0, deviated: 0 };
    expect(await history(ours, 'tidy')).toEqual({ ...none, base: none });
  });

  it('failed and deviated are counted apart, of the agent and of its team', async () => {
    await hear(ours);
    await hear(ours, deviated);
    await hear(ours, { status: 'failed', failure: { code: 'tool.failed', message: 'no' }, agent_id: 'other' });
    await hear(ours, { status: 'denied', failure: { code: 'execution.denied', message: 'no' } });
    const base = { finished: 3, failed: 1, deviated: 1 };
    expect(await history(ours, 'tidy')).toEqual({ finished: 2, failed: 0, deviated: 1, base });
    expect(await history(ours, null)).toEqual({ finished: 0, failed: 0, deviated: 0, base });
  });

  it('two facts about one execution count once, as the later one says, in whichever order they come', async () => {
    for (const [first, second] of [
      [2, 3],
      [3, 2],
    ] as const) {
      const ctx = callContext();
      const execution_id = uuidv7();
      const said = { 2: { execution_id }, 3: { execution_id, ...deviated } };
      await hear(ctx, said[first], first);
      await hear(ctx, said[second], second);
      const counts = { finished: 1, failed: 0, deviated: 1 };
      expect(await history(ctx, 'tidy')).toEqual({ ...counts, base: counts });
    }
  });

  it("another team's runs do not show", async () => {
    await hear(callContext(), deviated);
    expect((await history(ours, 'tidy')).base.finished).toBe(0);
  });

  it('only the newest thousand speak', async () => {
    await test.database.inTeam(ours, (tx) =>
      tx.query(
        `INSERT INTO outcome (team_id, execution_id, agent_id, status, risk_score, counts_as, version, ended_at)
         SELECT $1, lpad(to_hex(n), 32, '0')::uuid, 'tidy', 'x', 0, CASE WHEN n <= 5 THEN 'failed' ELSE 'succeeded' END, 1, now()
         FROM generate_series(1, 1003) AS n`,
        [ours.team],
      ),
    );
    expect(await history(ours, 'tidy')).toMatchObject({
      finished: 1000,
      failed: 2,
      base: { finished: 1000, failed: 2 },
    });
  });
});
