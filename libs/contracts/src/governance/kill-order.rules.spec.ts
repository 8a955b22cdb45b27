import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { isInScope, orderAgainst, refusalText } from './kill-order.rules.js';
import type { KillOrder } from './kill-switch.js';

const TEAM = uuidv7();
const subject = { team: TEAM, agent_id: 'tidy', playbook: 'sweep', tool: 'shell.run@v1', execution_id: uuidv7() };
const order = (changed: Partial<KillOrder>): KillOrder => ({
  id: '0190a000-0000-7000-8000-000000000001',
  scope: 'team',
  team: TEAM,
  target: '',
  status: 'engaged',
  rehearsal: false,
  admitted_share: 0,
  epoch: 2,
  reason: 'It deletes too much.',
  requested_by: { kind: 'person', id: uuidv7(), name: 'ada@example.org' },
  ...changed,
});

describe('what a kill switch is about', () => {
  it.each<[string, Partial<KillOrder>, boolean]>([
    ['everything', { scope: 'all', team: null }, true],
    ['the team', {}, true],
    ['another team', { team: uuidv7() }, false],
    ['the agent', { scope: 'agent', target: 'tidy' }, true],
    ['the playbook, whatever agent follows it', { scope: 'agent', target: 'sweep' }, true],
    ['another agent', { scope: 'agent', target: 'tidy2' }, false],
    ['the agent of that name in another team', { scope: 'agent', target: 'tidy', team: uuidv7() }, false],
    ['the tool', { scope: 'tool', target: 'shell.run' }, true],
    ['the version of the tool', { scope: 'tool', target: 'shell.run@v1' }, true],
    ['another version', { scope: 'tool', target: 'shell.run@v2' }, false],
    ['a tool whose name only begins so', { scope: 'tool', target: 'shell' }, false],
    ['the tool in another team', { scope: 'tool', target: 'shell.run', team: uuidv7() }, false],
  ])('%s', (_, changed, inScope) => {
    expect(isInScope(order(changed), subject)).toBe(inScope);
    expect(orderAgainst([order(changed)], subject) !== null).toBe(inScope);
  });
});

it('an agent elsewhere follows no playbook, and an order without a target stops none', () => {
  const elsewhere = { ...subject, playbook: null };
  expect(isInScope(order({ scope: 'agent', target: 'sweep' }), elsewhere)).toBe(false);
  expect(isInScope(order({ scope: 'agent', target: '' }), elsewhere)).toBe(false);
});

describe('a kill switch', () => {
  it('that is rehearsed refuses nothing', () => {
    expect(orderAgainst([order({ rehearsal: true })], subject)).toBeNull();
  });

  it('refuses beside one that does not', () => {
    const refusing = order({ scope: 'agent', target: 'tidy' });
    expect(orderAgainst([order({ rehearsal: true }), order({ team: uuidv7() }), refusing], subject)).toBe(refusing);
  });

  it('that lets runs in by stages lets in no run that is yet to come, until it is released', () => {
    const toCome = { ...subject, execution_id: null };
    const nearly = order({ status: 'releasing', admitted_share: 1 });
    expect(orderAgainst([nearly], subject)).toBeNull();
    expect(orderAgainst([nearly], toCome)).toBe(nearly);
    expect(orderAgainst([], toCome)).toBeNull();
  });

  it('says what is stopped, by whom and why', () => {
    expect(refusalText(order({ scope: 'tool', target: 'shell.run' }))).toBe(
      'The kill switch for the tool shell.run is engaged (0190a000-0000-7000-8000-000000000001, set by ada@example.org): It deletes too much.',
    );
  });

  it('that is released by stages lets in about its share, and whoever was let in stays so', () => {
    const runs = Array.from({ length: 2_000 }, () => uuidv7());
    const letIn = (admitted_share: number): Set<string> =>
      new Set(
        runs.filter(
          (execution_id) =>
            !orderAgainst([order({ status: 'releasing', admitted_share })], { ...subject, execution_id }),
        ),
      );
    const [tenth, half] = [letIn(0.1), letIn(0.5)];
    expect(tenth.size).toBeGreaterThan(120);
    expect(tenth.size).toBeLessThan(290);
    expect(half.size).toBeGreaterThan(850);
    expect(half.size).toBeLessThan(1_150);
    expect([...tenth].every((run) => half.has(run))).toBe(true);
    expect(letIn(0).size).toBe(0);
    expect(letIn(1).size).toBe(runs.length);
  });
});
