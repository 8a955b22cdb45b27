import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Desk, type House, openDesk, openHouse } from '../../test/fixture.js';

let house: House;
let desk: Desk;
beforeAll(async () => {
  house = await openHouse();
  desk = openDesk(house);
});
afterAll(() => house.close());

/** Moves the moment of escalation, on the database's clock, `seconds` from now. */
const setEscalation = (id: string, seconds: number) =>
  house.database.inTeam(desk.run, (tx) =>
    tx.query(`UPDATE approval SET escalate_at = clock_timestamp() + $2 * interval '1 second' WHERE id = $1`, [
      id,
      seconds,
    ]),
  );
const escalations = async (id: string) =>
  (await house.factsOf(desk.run, id)).filter(({ type }) => type === 'governance.approval.escalated.v1');
const row = async (id: string) =>
  (await house.database.inTeam(desk.run, (tx) => tx.query(`SELECT * FROM approval WHERE id = $1`, [id])))[0];

describe('an approval that nobody answers', () => {
  it('is told to admins once its time has come, once by two sweeps, and marked', async () => {
    const { id } = await desk.ask();
    const { requested_at, escalate_at } = await row(id);
    expect(escalate_at - requested_at).toBe(300_000);
    await setEscalation(id, -0.001);
    const workers = [house.newEscalationWorker(), house.newEscalationWorker()];
    await Promise.all(workers.map((worker) => worker.sweep()));
    await workers[0]!.sweep();
    const view = await house.reader.get(desk.bob, id);
    expect(view).toMatchObject({ status: 'pending', escalated_at: expect.any(String) });
    expect(await escalations(id)).toMatchObject([
      { body: { approval_id: id, to: 'admin', expires_at: view.expires_at }, context: { roles: [] } },
    ]);
    expect(await desk.approve(desk.ada, id)).toMatchObject({ status: 'approved', escalated_at: view.escalated_at });
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['before its time', (id) => setEscalation(id, 60)],
    ['that was answered', (id) => desk.approve(desk.ada, id)],
    ['whose deadline has passed', (id) => house.setDeadline(desk.run, id, -1)],
  ])('%s is not told', async (_name, prepare) => {
    const { id } = await desk.ask();
    await setEscalation(id, -1);
    await prepare(id);
    await house.newEscalationWorker().sweep();
    expect(await escalations(id)).toEqual([]);
    expect((await row(id)).escalated_at).toBeNull();
  });
});

it('where the deadline comes first nothing is escalated', async () => {
  const quick = await openHouse({ APPROVAL_TIMEOUT_SECONDS: '300' });
  const { id } = await openDesk(quick).ask();
  const rows = await quick.database.acrossTeams('of a test', (tx) =>
    tx.query(`SELECT escalate_at FROM approval WHERE id = $1`, [id]),
  );
  expect(rows).toEqual([{ escalate_at: null }]);
  await quick.close();
});
