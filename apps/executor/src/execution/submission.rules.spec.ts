import { describe, expect, it } from '@jest/globals';
import type { CallContext, executor, Principal } from '#contracts';
import { judgeSubmission } from './submission.rules.js';

const ada: Principal = { kind: 'person', id: 'ada-id', name: 'ada@example.org' };
const robot: Principal = { kind: 'agent', id: 'robot', name: 'robot' };
const ctx = (given: Partial<CallContext> = {}): CallContext => ({
  team: 'team',
  principal: ada,
  on_behalf_of: ada,
  roles: ['operator'],
  ...given,
});
const input = (given: Partial<executor.SubmitExecution> = {}): executor.SubmitExecution => ({
  task_description: 'tidy up',
  agent_type: 'playbook',
  playbook: { name: 'tidy' },
  workspace: { kind: 'local', path: '/srv/project' },
  ...given,
});

it('a complete task is taken, with defaults for what was left out', () => {
  expect(judgeSubmission(ctx(), input())).toEqual({
    driver: 'playbook',
    agent_id: 'tidy',
    max_steps: 10,
    on_behalf_of: ada,
    playbook: { name: 'tidy' },
    workspace: { kind: 'local', path: '/srv/project' },
  });
  const digest = `sha256:${'0'.repeat(64)}`;
  expect(judgeSubmission(ctx(), input({ playbook: { digest } })).agent_id).toBe('playbook');
  expect(judgeSubmission(ctx(), input({ agent_id: 'mine', max_steps: 3 }))).toMatchObject({
    agent_id: 'mine',
    max_steps: 3,
  });
});

describe('a task that cannot be run is refused where it is wrong', () => {
  it.each<[string, Partial<executor.SubmitExecution>, string, string]>([
    ['an agent type that is none', { agent_type: 'openai' }, 'execution.agent_type_unknown', '/agent_type'],
    ['no playbook', { playbook: undefined }, 'execution.incomplete', '/playbook'],
    ['a playbook without name and digest', { playbook: { inputs: {} } }, 'execution.incomplete', '/playbook'],
    ['a playbook with both', { playbook: { name: 'a', digest: 'b' } }, 'execution.incomplete', '/playbook'],
    ['no workspace', { workspace: undefined }, 'execution.incomplete', '/workspace'],
    ['somebody else, by an operator', { on_behalf_of: 'bob' }, 'execution.on_behalf_of_refused', '/on_behalf_of'],
  ])('%s', (_, given, code, path) => {
    const errors = [expect.objectContaining({ path })];
    expect(() => judgeSubmission(ctx(), input(given))).toThrow(
      expect.objectContaining({ code, details: expect.objectContaining({ errors }) }),
    );
  });
});

describe('who is behind a run', () => {
  it('is the caller, by whatever name', () => {
    for (const name of ['ada-id', 'ada@example.org', undefined]) {
      expect(judgeSubmission(ctx(), input({ on_behalf_of: name })).on_behalf_of).toEqual(ada);
    }
  });

  it('may be somebody else for an admin, never for a machine', () => {
    const bob = { kind: 'person', id: 'bob', name: 'bob' };
    expect(judgeSubmission(ctx({ roles: ['admin'] }), input({ on_behalf_of: 'bob' })).on_behalf_of).toEqual(bob);
    for (const kind of ['agent', 'service'] as const) {
      const machine = ctx({ principal: { ...robot, kind }, on_behalf_of: ada, roles: ['admin'] });
      expect(() => judgeSubmission(machine, input({ on_behalf_of: 'bob' }))).toThrow('needs the role admin');
      expect(judgeSubmission(machine, input()).on_behalf_of).toEqual(ada);
    }
  });
});
