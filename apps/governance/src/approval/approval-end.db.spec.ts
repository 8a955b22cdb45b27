import type { CallContext, executor, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Heard } from '#messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approver, type Desk, type House, openDesk, openHouse, refusal, runContext } from '../../test/fixture.js';

let house: House;
let desk: Desk;
beforeAll(async () => {
  house = await openHouse();
  desk = openDesk(house);
});
afterAll(() => house.close());

const finished = ({ execution_id }: governance.DecideAction) =>
  ({ body: { execution_id, status: 'cancelled' } }) as Heard<executor.ExecutionFinished>;

describe('at once', () => {
  it('twenty votes and claims on one approval never give two outcomes', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const { id, action } = await desk.ask();
      const people = Array.from({ length: 14 }, () => approver(desk.team));
      const votes = people.map((ctx, i) => ((i + round) % 2 ? desk.approve(ctx, id) : desk.reject(ctx, id, 'no')));
      const claims = Array.from({ length: 6 }, () => desk.claim(id, action));
      const settledVotes = await Promise.allSettled(votes);
      const settledClaims = await Promise.allSettled(claims);
      expect(settledVotes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const vote of settledVotes) {
        if (vote.status === 'rejected') expect(vote.reason).toEqual(refusal('approval.not_pending'));
      }
      const [end, ...more] = await desk.ends(id);
      expect(more).toEqual([]);
      outcomes.add(end!);
      const granted = settledClaims.filter(({ status }) => status === 'fulfilled').length;
      if (end === 'rejected') expect(granted).toBe(0);
      expect(await desk.statusOf(id)).toBe(granted > 0 ? 'claimed' : end);
    }
    expect([...outcomes].sort()).toEqual(['approved', 'rejected']);
  });

  it('the deadline, two sweeps, a vote, a claim and the end of the run give one end', async () => {
    const workers = [house.newWorker(), house.newWorker()];
    for (let round = 0; round < 12; round += 1) {
      const { id, action } = await desk.ask();
      await house.setDeadline(desk.run, id, round % 3 === 0 ? 60 : 0.002);
      await Promise.allSettled([
        desk.approve(desk.ada, id),
        workers[0]!.sweep(),
        desk.claim(id, action),
        house.database.inTeam(desk.run, (tx) => house.consumers.executionFinished(finished(action), tx)),
        workers[1]!.sweep(),
      ]);
      await house.setDeadline(desk.run, id, -1);
      await Promise.all(workers.map((worker) => worker.sweep()));
      const told = await desk.ends(id);
      const status = await desk.statusOf(id);
      expect([['approved'], ['approved', 'expired'], ['expired'], ['withdrawn']]).toContainEqual(told);
      expect(status).toBe(told.at(-1) === 'approved' ? 'claimed' : told.at(-1));
    }
  });
});

describe('without anybody', () => {
  it('two sweeps at once expire what is due in every team, each once', async () => {
    const [one, other] = [house.newWorker(), house.newWorker()];
    const due: { ctx: CallContext; id: string }[] = [];
    for (let i = 0; i < 120; i += 1) {
      const ctx = i % 2 ? desk.run : runContext(uuidv7());
      const { id } = await desk.ask({}, ctx);
      await house.setDeadline(ctx, id, -1);
      due.push({ ctx, id });
    }
    const { id: notDue } = await desk.ask();
    await Promise.all([one.sweep(), other.sweep()]);
    for (const { ctx, id } of due) {
      expect(await desk.ends(id, ctx)).toEqual(['expired']);
    }
    expect(await desk.statusOf(notDue)).toBe('pending');
  });

  it('the end of a run withdraws what it still waited for, and nothing else', async () => {
    const { id, action } = await desk.ask();
    const { execution_id } = action;
    const answered = await desk.ask({ execution_id, step: 7 });
    await desk.reject(desk.ada, answered.id, 'no');
    const elsewhere = await desk.ask();
    for (let time = 0; time < 2; time += 1) {
      await house.database.inTeam(desk.run, (tx) => house.consumers.executionFinished(finished(action), tx));
    }
    expect(await desk.ends(id)).toEqual(['withdrawn']);
    expect(await desk.ends(answered.id)).toEqual(['rejected']);
    expect(await desk.statusOf(elsewhere.id)).toBe('pending');
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.withdrawn'));
  });
});
