import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext, executor, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, person } from '#testing';
import { deletion, type House, openHouse, runContext } from '../../test/fixture.js';
import { ViolationService } from './violation.service.js';

let house: House;
let violations: ViolationService;
let lead: CallContext;
let run: CallContext;

beforeAll(async () => {
  house = await openHouse();
  violations = new ViolationService(house.database, house.violations, house.members);
});
afterAll(() => house.close());
beforeEach(() => {
  lead = callContext({ team: uuidv7(), principal: person('lead'), roles: ['approver'] });
  run = runContext(lead.team);
});

const listed = async (wanted: governance.ListViolations = {}): Promise<governance.ViolationView[]> =>
  (await violations.list(lead, wanted)).items;
/** Paths outside the workspace are denied for good. */
const OUTSIDE = { paths: ['../etc/passwd'], tool: 'file.unheard@v1' };

const finish = (body: Partial<executor.ExecutionFinished>): Promise<void> => {
  const at = '2026-11-20T10:00:00.000Z';
  const heard = { team: lead.team, at, body: { execution_id: uuidv7(), agent_id: 'tidy', ...body } };
  return house.database.inTeam(lead, (tx) => house.consumers.executionFinished(heard as never, tx));
};
const seen = (changed: Partial<executor.SeenViolation> = {}): executor.SeenViolation => ({
  violation_type: 'contract',
  policy_id: null,
  severity: 'high',
  sentence: 'a.txt was modified, which the contract does not expect.',
  step: 4,
  details: { index: 0, tool: 'shell.run@v1' },
  ...changed,
});

describe('the register', () => {
  it('has what policy denied, once however often it is asked, with the action as evidence', async () => {
    const action = deletion(OUTSIDE);
    for (let n = 0; n < 3; n += 1) expect((await house.actions.decide(run, action)).decision).toBe('deny');
    const [one, ...more] = await listed();
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      violation_type: 'policy',
      severity: 'medium',
      status: 'open',
      owner: null,
      execution_id: action.execution_id,
      step: 6,
      agent_id: 'tidy',
      details: { tool: 'file.unheard@v1', index: 0, digest: action.digest },
    });
    expect(one!.sentence.length).toBeGreaterThan(10);
    expect(Date.parse(one!.due_at!) - Date.parse(one!.occurred_at)).toBe(30 * 86_400_000);
    expect((await house.factsOf(lead, one!.id)).map(({ type }) => type)).toEqual(['governance.violation.recorded.v1']);
  });

  it('has nothing of an action that was allowed, asked about, or kept by a kill switch', async () => {
    await house.actions.decide(run, deletion({ tool: 'file.read@v1', paths: ['README.md'], effects: 'none' }));
    await house.actions.decide(run, deletion());
    expect(await listed()).toEqual([]);
  });

  it('has what an ended run broke, once although its end is told twice', async () => {
    const spec = seen({
      violation_type: 'spec',
      policy_id: 'same-call-loop',
      severity: 'medium',
      step: 7,
      details: { steps: [5, 7] },
    });
    const noticed = seen({
      violation_type: 'detector',
      policy_id: 'success_claimed_after_error',
      step: 7,
      details: {},
    });
    const body = { execution_id: uuidv7(), violations: [spec, seen(), seen({ details: { index: 1 } }), noticed] };
    await finish(body);
    await finish(body);
    const all = await listed({ execution_id: body.execution_id });
    expect(all.map(({ violation_type, policy_id, step }) => [violation_type, policy_id, step]).sort()).toEqual([
      ['contract', null, 4],
      ['contract', null, 4],
      ['detector', 'success_claimed_after_error', 7],
      ['spec', 'same-call-loop', 7],
    ]);
    expect(all.every(({ occurred_at }) => occurred_at === '2026-11-20T10:00:00.000Z')).toBe(true);
  });

  it('is filtered and read by pages, and only by its team', async () => {
    await finish({ agent_id: 'a', violations: [seen(), seen({ step: 5, severity: 'critical' }), seen({ step: 6 })] });
    await finish({ agent_id: 'b', violations: [seen()] });
    expect((await listed({ agent_id: 'a' })).length).toBe(3);
    expect((await listed({ severity: 'critical' })).length).toBe(1);
    expect((await listed({ violation_type: 'contract' })).length).toBe(4);
    expect(await listed({ violation_type: 'policy' })).toEqual([]);
    expect(await listed({ owner: uuidv7() })).toEqual([]);
    const first = await violations.list(lead, { limit: 3 });
    const rest = await violations.list(lead, { limit: 3, cursor: first.next_cursor! });
    expect([first.items.length, rest.items.length, rest.next_cursor]).toEqual([3, 1, null]);
    const stranger = callContext({ roles: ['admin'] });
    expect((await violations.list(stranger, {})).items).toEqual([]);
    await expect(violations.get(stranger, first.items[0]!.id)).rejects.toMatchObject({ code: 'violation.not_found' });
  });
});

describe('a violation', () => {
  let id: string;
  beforeEach(async () => {
    await finish({ violations: [seen()] });
    id = (await listed())[0]!.id;
  });
  const member = async (role: 'viewer' | null, active = true): Promise<string> => {
    const user_id = uuidv7();
    await house.database.inTeam(lead, (tx) =>
      house.members.apply(tx, lead.team, 1, { user_id, email: 'm@example.org', role, active }),
    );
    return user_id;
  };

  it('gets an owner, a date and an end, each of which is kept with who and why', async () => {
    const owner = await member('viewer');
    await violations.change(lead, { id, owner, due_at: '2026-12-01T00:00:00.000Z' });
    expect((await listed({ owner })).map((one) => one.id)).toEqual([id]);
    const changed = await violations.change(lead, { id, status: 'fixed', note: 'The script is gone.' });
    expect(changed).toMatchObject({ owner, status: 'fixed', due_at: '2026-12-01T00:00:00.000Z' });
    expect(changed.changes.map(({ by, status, note }) => [by.name, status, note])).toEqual([
      ['lead@example.org', 'open', null],
      ['lead@example.org', 'fixed', 'The script is gone.'],
    ]);
    expect(await violations.get(lead, id)).toEqual(changed);
    expect((await house.factsOf(lead, id)).map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(await violations.change(lead, { id, owner: null, due_at: null })).toMatchObject({
      owner: null,
      due_at: null,
    });
  });

  it.each(['accepted', 'false_alarm'] as const)('that is %s needs a note', async (status) => {
    await expect(violations.change(lead, { id, status })).rejects.toMatchObject({ code: 'violation.note_required' });
    expect((await violations.change(lead, { id, status, note: 'Known.' })).status).toBe(status);
  });

  it('is owned by a member who is one now', async () => {
    for (const owner of [uuidv7(), await member(null), await member('viewer', false)]) {
      await expect(violations.change(lead, { id, owner })).rejects.toMatchObject({ code: 'violation.owner_unknown' });
    }
  });

  it('that is fixed cannot become a false alarm without being opened again', async () => {
    await violations.change(lead, { id, status: 'fixed' });
    const refused = violations.change(lead, { id, status: 'false_alarm', note: 'After all.' });
    await expect(refused).rejects.toMatchObject({ code: 'violation.moved_on' });
    await violations.change(lead, { id, status: 'open' });
    expect((await violations.change(lead, { id, status: 'false_alarm', note: 'After all.' })).status).toBe(
      'false_alarm',
    );
  });

  it('is not changed by saying nothing', async () => {
    await expect(violations.change(lead, { id })).rejects.toMatchObject({ code: 'violation.nothing_to_change' });
  });
});
