import { describe, expect, it } from '@jest/globals';
import type { governance, Role } from '#contracts';
import { uuidv7 } from '#kernel';
import { admittedShare, assertMayKill, isConfirmed, judgeTarget, stillStopping } from './kill-switch.rules.js';

const TEAM = uuidv7();
const OTHER = uuidv7();
const asked = (input: Partial<governance.EngageKillSwitch>): governance.EngageKillSwitch => ({
  scope: 'team',
  reason: 'of a test',
  ...input,
});
const judged = (roles: Role[], input: Partial<governance.EngageKillSwitch>): string => {
  try {
    const { scope, team, target } = judgeTarget({ team: TEAM, roles }, asked(input));
    return [scope, team === TEAM ? 'ours' : 'theirs', target].join(' ').trim();
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const [REFUSED, INCOMPLETE] = ['kill_switch.scope_refused', 'kill_switch.scope_incomplete'];

describe('who may stop what', () => {
  it.each<[Role[], Partial<governance.EngageKillSwitch>, string]>([
    [['admin'], {}, 'team ours'],
    [['admin'], { team_id: TEAM }, 'team ours'],
    [['admin'], { scope: 'agent', agent_id: 'tidy' }, 'agent ours tidy'],
    [['admin'], { scope: 'tool', tool: 'shell.run' }, 'tool ours shell.run'],
    [['admin'], { scope: 'all' }, REFUSED],
    [['admin'], { team_id: OTHER }, REFUSED],
    [['admin'], { scope: 'agent', agent_id: 'tidy', team_id: OTHER }, REFUSED],
    [['operator', 'approver', 'viewer'], {}, REFUSED],
    [[], {}, REFUSED],
    [['installation_admin'], { scope: 'all' }, 'all ours'],
    [['installation_admin'], {}, 'team ours'],
    [['installation_admin'], { scope: 'tool', tool: 'shell.run@v1', team_id: OTHER }, 'tool theirs shell.run@v1'],
    [['installation_admin'], { scope: 'all', team_id: TEAM }, INCOMPLETE],
    [['admin'], { scope: 'agent' }, INCOMPLETE],
    [['admin'], { scope: 'tool', agent_id: 'tidy' }, INCOMPLETE],
    [['admin'], { scope: 'team', tool: 'shell.run' }, INCOMPLETE],
    [['admin'], { scope: 'agent', agent_id: 'tidy', tool: 'shell.run' }, INCOMPLETE],
  ])('%j asking for %j: %s', (roles, input, outcome) => {
    expect(judged(roles, input)).toBe(outcome);
  });

  it('releasing is for the same people', () => {
    const release = (roles: Role[], scope: governance.KillScope, team: string) => () =>
      assertMayKill({ team: TEAM, roles }, { scope, team });
    expect(release(['admin'], 'agent', TEAM)).not.toThrow();
    expect(release(['admin'], 'all', TEAM)).toThrow('Only an installation admin');
    expect(release(['admin'], 'agent', OTHER)).toThrow('Only an installation admin');
  });
});

describe('how much is let in', () => {
  it.each([
    ['engaged', 0, false, 0],
    ['releasing', 0, false, 0.1],
    ['releasing', 1, false, 0.5],
    ['releasing', 7, false, 0.5],
    ['released', 1, false, 1],
    ['engaged', 0, true, 1],
  ] as const)('%s, stage %i, rehearsal %p: %d', (status, stage, rehearsal, share) => {
    expect(admittedShare({ status, stage, rehearsal })).toBe(share);
  });
});

describe('a stop is confirmed', () => {
  const id = uuidv7();
  const real = { id, epoch: 5, rehearsal: false };
  const at = (epoch: number, n?: number) => ({ epoch, stopping: n === undefined ? {} : { [id]: n } });
  it.each([
    ['while no executor lives', [], 0, false],
    ['while one has not heard', [at(5, 0), at(4, 0)], 0, false],
    ['while one has not counted', [at(5, 0), at(5)], 0, false],
    ['while a run has not ended', [at(5, 0), at(6, 1)], 0, false],
    ['while an approval waits', [at(5, 0)], 1, false],
    ['once every executor obeys and counts nothing', [at(5, 0), at(6, 0)], 0, true],
  ])('%s: %#', (_, replicas, approvals, confirmed) => {
    expect(isConfirmed(real, replicas, approvals)).toBe(confirmed);
  });

  it('in a rehearsal, once every executor has counted', () => {
    const rehearsal = { ...real, rehearsal: true };
    expect(isConfirmed(rehearsal, [at(5, 3), at(5)], 2)).toBe(false);
    expect(isConfirmed(rehearsal, [at(5, 3), at(5, 2)], 2)).toBe(true);
    expect(stillStopping(rehearsal, [at(4, 9), at(5, 3), at(5, 2)])).toBe(3);
  });
});
