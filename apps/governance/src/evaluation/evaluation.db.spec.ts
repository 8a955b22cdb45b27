import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, person } from '#testing';
import { deletion, type House, openHouse, runContext } from '../../test/fixture.js';
import { PolicyRepository } from '../policy/policy.repository.js';
import { EvaluationService } from './evaluation.service.js';

let house: House;
let service: EvaluationService;
beforeAll(async () => {
  house = await openHouse();
  service = new EvaluationService(house.database, house.policy, new PolicyRepository(), house.book);
});
afterAll(() => house.close());

const { DONE_ELSEWHERE, DONE_HERE, EXTERNAL } = governance;
const evaluate = (ctx: CallContext, asked: governance.EvaluateAction) => service.evaluate(ctx, asked);

describe('an evaluation says what is decided', () => {
  const build = { tool: 'file.write', paths: ['build/x'] };
  it.each<[governance.EvaluateAction, governance.Surroundings, string]>([
    [{ driver: EXTERNAL, tool: 'http.request', host: 'evil.example' }, DONE_ELSEWHERE, 'deny null'],
    [{ tool: 'http.request', host: 'evil.example' }, DONE_HERE, 'ask 2'],
    [{ driver: EXTERNAL, risk: 0.1, ...build }, DONE_ELSEWHERE, 'ask 2'],
    [{ risk: 0.1, ...build }, DONE_HERE, 'allow 1'],
    [{ driver: 'somebody', risk: 0.1, ...build }, DONE_ELSEWHERE, 'ask 2'],
    [{ driver: EXTERNAL, risk: 0.1, held: true, ...build }, DONE_HERE, 'allow 1'],
    [{ driver: EXTERNAL, tool: 'shell.run', risk: 0.1 }, DONE_ELSEWHERE, 'ask 2'],
    [{ tool: 'shell.run', risk: 0.1 }, DONE_HERE, 'allow 1'],
    [{ driver: EXTERNAL, tool: 'shell.run', risk: 0.1, sandbox: 'bubblewrap' }, DONE_HERE, 'allow 1'],
    [{ driver: EXTERNAL, tool: 'file.read', paths: ['.env'] }, DONE_ELSEWHERE, 'ask 2'],
    [{ driver: EXTERNAL, tool: 'file.read', paths: ['a'], registered: false }, DONE_ELSEWHERE, 'deny null'],
  ])('%j', async (asked, surroundings, outcome) => {
    const run = runContext(uuidv7());
    const { tool, paths = [], host, risk = null, driver = 'playbook', registered = true } = asked;
    const decided = await house.actions.decide(
      run,
      deletion({
        tool: `${tool}@v1`,
        effects: governance.traitsOf(tool).effects,
        ...{ paths, risk, agent_id: driver, agent_version: driver, arguments: {}, ...surroundings },
        target: host === undefined ? {} : { host },
        workspace: { id: 'somewhere', registered },
      }),
    );
    const said = await evaluate(run, asked);
    expect([`${said.decision} ${said.tier_needed}`, `${decided.decision} ${decided.tier_needed}`]).toEqual([
      outcome,
      outcome,
    ]);
    expect(said.determining_policies.map(({ id }) => id)).toEqual(decided.determining_policies);
  });
});

describe('of what a kill switch stops', () => {
  const engage = async (ctx: CallContext, scope: string, target: string, status = 'engaged') => {
    await house.database.inTeam(ctx, (tx) =>
      tx.query(
        `INSERT INTO kill_switch (id, team_id, scope, target, status, rehearsal, stage, epoch, reason, requested_by, on_behalf_of)
         VALUES ($1, $2, $3, $4, $5, false, 0, 1, 'It sends.', $6, $6)`,
        [uuidv7(), ctx.team, scope, target, status, JSON.stringify(person('ada'))],
      ),
    );
    await house.kills.changed();
  };
  const admin = (): CallContext => callContext({ team: uuidv7(), principal: person('admin'), roles: ['admin'] });

  it.each([
    ['agent', EXTERNAL, 'the agent external'],
    ['tool', 'file.write', 'the tool file.write'],
    ['team', '', 'the team'],
  ])('by %s it says no, why, and what would be decided without', async (scope, target, named) => {
    const ctx = admin();
    const asked = { driver: EXTERNAL, tool: 'file.write', paths: ['build/x'], risk: 0.1 };
    const before = await evaluate(ctx, asked);
    expect(before).toMatchObject({ decision: 'ask', tier_needed: 2 });
    await engage(ctx, scope, target);
    const { decision, tier_needed, determining_policies, sentences, alternatives } = await evaluate(ctx, asked);
    expect({ decision, tier_needed, determining_policies }).toEqual({
      ...{ decision: 'deny', tier_needed: null, determining_policies: [] },
    });
    expect(sentences[0]).toMatch(
      new RegExp(`^Denied, because: The kill switch for ${named} is engaged .*: It sends\\.$`),
    );
    expect(sentences[1]).toMatch(
      /^With no kill switch in its way, it would need one approver, because: Ordinary files /,
    );
    expect(alternatives).toEqual([{ change: 'kill_switch', sentence: sentences[1], decision: 'ask', tier_needed: 2 }]);
    const run = { ...runContext(ctx.team), on_behalf_of: ctx.principal };
    const action = { tool: 'file.write@v1', agent_id: EXTERNAL, paths: ['build/x'], ...DONE_ELSEWHERE };
    const decided = await house.actions.decide(run, deletion(action));
    expect([decided.decision, `Denied, because: ${decided.reasons[0]}`]).toEqual(['deny', sentences[0]]);
  });

  it('nothing changes for other agents and tools', async () => {
    const ctx = admin();
    await engage(ctx, 'agent', 'another');
    await engage(ctx, 'tool', 'mail.send');
    const asked = { driver: EXTERNAL, tool: 'file.read', paths: ['a'] };
    expect(await evaluate(ctx, asked)).toMatchObject({ decision: 'allow' });
  });
});
