import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, person } from '#testing';
import { deletion, type Desk, type House, openDesk, openHouse } from '../../test/fixture.js';
import { Executor, makeSwitches } from '../../test/switches.js';
import type { KillSwitchService } from './kill-switch.service.js';

let house: House;
let service: KillSwitchService;
let admin: CallContext;
let desk: Desk;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  ({ service } = makeSwitches(house, 3_600));
  desk = openDesk(house);
  admin = callContext({ team: desk.team, principal: person('admin'), roles: ['admin'] });
});

const shown = async (id: string): Promise<governance.KillSwitchView> =>
  (await service.list(admin, {})).items.find((one) => one.id === id)!;

describe('a name that nobody has seen', () => {
  const warned = async (input: Partial<governance.EngageKillSwitch>): Promise<string | null | undefined> => {
    const { id, warning } = await service.engage(admin, { scope: 'tool', reason: 'Stop.', ...input });
    expect((await shown(id)).warning).toBe(warning);
    return warning;
  };

  it('is warned of, and stopped all the same', async () => {
    expect(await warned({ scope: 'agent', agent_id: 'nosuch' })).toBe(
      'No run of an agent named “nosuch” has been seen in this team.',
    );
    await house.kills.onModuleInit();
    expect((await house.actions.decide(desk.run, deletion({ agent_id: 'nosuch' }))).decision).toBe('deny');
    // It has come, and was refused: from now on it is known.
    const [stop] = (await service.list(admin, {})).items;
    expect(stop).toMatchObject({ agent_id: 'nosuch', warning: null });
    for (const tool of ['file.wriet', 'file.write@v2']) {
      expect(await warned({ tool })).toBe(`No use of a tool named “${tool}” has been seen in this team.`);
    }
  });

  it('is none once people were asked about it, or once it was decided on, and none of a tool that is always there', async () => {
    const { action } = await desk.ask({ agent_id: 'many-2', playbook: 'many', step: 2 });
    for (const agent_id of [action.agent_id, 'many']) expect(await warned({ scope: 'agent', agent_id })).toBeNull();
    for (const tool of ['file.delete', 'file.delete@v1', 'shell.run']) expect(await warned({ tool })).toBeNull();
    const elsewhere = { ...admin, team: uuidv7() };
    expect((await service.engage(elsewhere, { scope: 'agent', agent_id: 'many', reason: 'Stop.' })).warning).toMatch(
      /no run/i,
    );
  });

  it('is none while runs of it are being stopped', async () => {
    const executor = new Executor(service);
    await executor.obey();
    const { id, warning } = await service.engage(admin, { scope: 'agent', agent_id: 'new', reason: 'Stop.' });
    expect(warning).not.toBeNull();
    executor.counts[id] = 1;
    await executor.obey();
    expect((await shown(id)).warning).toBeNull();
  });
});

it.each([' ', '\n\t', '\u200b\u200d', '\u2800', '\u3164', '\u00ad '])('%j is no reason', async (reason) => {
  await expect(service.engage(admin, { scope: 'team', reason })).rejects.toMatchObject({
    code: 'input.invalid',
    details: { errors: [{ path: '/reason' }] },
  });
  expect((await service.list(admin, {})).items).toEqual([]);
  const { id } = await service.engage(admin, { scope: 'team', reason: `${reason}Stop.` });
  expect((await service.release(admin, { id, reason })).status).toBe('releasing');
});
