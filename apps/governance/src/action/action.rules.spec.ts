import type { governance } from '#contracts';
import { describe, expect, it } from '@jest/globals';
import { policyQuestion } from './action.rules.js';

const ctx = { team: 'team-1', principal: { kind: 'service', id: 'suite', name: 'suite' } } as const;
const action: governance.DecideAction = {
  execution_id: '01936f5e-7c00-7000-8000-000000000001',
  step: 2,
  index: 0,
  digest: `sha256:${'a'.repeat(64)}`,
  agent_id: 'tidy',
  agent_version: '1',
  tool: 'file.delete@v2',
  effects: 'reversible',
  arguments: { path: 'data/a' },
  target: { kind: 'path', path: 'data/a' },
  paths: ['data/a'],
  risk: 0.2,
  workspace: { id: '/srv/tidy', registered: true },
  held: true,
  sandbox: 'bubblewrap',
  taint: { read_sensitive: false, read_untrusted: true, external_send_pending: false, secrets_used: false },
};
const run = { step: 0, index: 0, tool: 'execution.submit@v1', arguments: { driver: 'playbook' }, paths: [] };

const asked = (changed: Partial<governance.DecideAction>, approvers = 0) =>
  policyQuestion(ctx, { ...action, ...changed }, approvers);

describe('an action as policy is asked about it', () => {
  it('carries what policies may look at, and the digest in place of the arguments', () => {
    expect(asked({}, 1)).toEqual({
      kind: 'question',
      request: {
        team: 'team-1',
        principal: { kind: 'service', id: 'suite' },
        agent: { id: 'tidy', version: '1' },
        tool: { name: 'file.delete', version: '2' },
        effects: 'reversible',
        action_digest: action.digest,
        workspace: { id: '/srv/tidy', registered: true },
        target: { kind: 'path', paths: ['data/a'] },
        held: true,
        risk: 0.2,
        sandbox: 'bubblewrap',
        taint: action.taint,
        approvals: { role: 'approver', approvers: 1 },
      },
    });
  });

  it.each<[string, Partial<governance.DecideAction>, object]>([
    [
      'a file tool acts upon its paths',
      { tool: 'file.delete@v1', paths: ['a', 'b'] },
      { kind: 'path', paths: ['a', 'b'] },
    ],
    [
      'a tool that sends acts upon a host, with what goes along',
      { tool: 'mail.send@v1', paths: ['a'], target: { host: 'mail.example.org' } },
      { kind: 'send', host: 'mail.example.org', paths: ['a'] },
    ],
    ['a file tool without paths is left to the schema', { paths: [] }, { kind: 'path', paths: [] }],
    [
      'a command acts upon the paths it names',
      { tool: 'shell.run@v1', paths: ['.'] },
      { kind: 'command', paths: ['.'] },
    ],
    ['a command may name none', { tool: 'shell.run@v1', paths: [] }, { kind: 'command', paths: [] }],
    ['a run acts through its driver', run, { kind: 'execution', driver: 'playbook' }],
    ['a run inside a run', { ...run, step: 3 }, { kind: 'execution', driver: 'playbook' }],
  ])('%s', (_name, changed, target) => {
    expect(asked(changed)).toMatchObject({ kind: 'question', request: { target } });
  });

  it('has no risk when prediction did not answer', () => {
    expect(asked({ risk: undefined as never })).toMatchObject({ request: { risk: null } });
  });

  it.each<[string, Partial<governance.DecideAction>]>([
    ['no version', { tool: 'file.delete' }],
    ['a version that is no number', { tool: 'file.delete@vx' }],
    ['two versions', { tool: 'file.delete@v1@v2' }],
    ['a name of other characters', { tool: 'file.delete\n@v1' }],
    ['a tool nobody knows', { tool: 'rocket.launch@v1' }],
    ['a file tool nobody knows', { tool: 'file.move@v1' }],
    ['a tool that sends, without a host', { tool: 'mail.send@v1', target: {} }],
    ['a tool no policy can speak of', { tool: 'secret.use@v1' }],
    ['a tool that only begins like a known one', { tool: 'shell.runner@v1' }],
    ['a run without a driver', { ...run, arguments: {} }],
    ['a driver that is no text', { ...run, arguments: { driver: ['playbook'] } }],
    ['another tool in the place of the run', { step: 0, index: 0 }],
    ['a second action in the place of the run', { ...run, index: 1 }],
    ['a step beyond what a key can hold', { step: 1_000_000_000 }],
  ])('%s: impossible', (_name, changed) => {
    expect(asked(changed).kind).toBe('impossible');
  });
});
