import { describe, expect, it } from '@jest/globals';
import { Action } from '../action/action.entity.js';
import type { ActionStatus } from '../action/action.rules.js';
import { actionView, finishedStep, observe, stepView, summaryOf } from './step.view.js';
import { Step } from './step.entity.js';

const EXECUTION = '0198f4a0-0000-7000-8000-000000000001';
const action = (given: Partial<Action> = {}): Action =>
  Object.assign(new Action(), {
    execution_id: EXECUTION,
    step: 1,
    index: 0,
    team_id: 't',
    status: 'kept' as ActionStatus,
    tool: 'file.delete@v1',
    digest: `sha256:${'1'.repeat(64)}`,
    arguments: { path: '[redacted:email]' },
    sealed_arguments: Buffer.from('{"path":"a@b.example"}'),
    sealed_output: Buffer.from('"gone"'),
    contract: null,
    attempts: 1,
    approval_id: null,
    predicted: null,
    decided: null,
    done: null,
    verified: { verdict: 'verified', change_count: 1, changes: [], deviations: [], manifest: '' },
    undone: null,
    failure: null,
    ...given,
  });
const step = Object.assign(new Step(), {
  execution_id: EXECUTION,
  step: 1,
  team_id: 't',
  at: new Date('2026-01-02T03:04:05Z'),
  label: 'clean',
  thought: 'Clean up',
  observation: 'done',
  keep_going: false,
  finished: true,
});
const failure = { code: 'shell.failed', message: 'ended with code 1' };
const unseal = (sealed: Buffer): unknown => JSON.parse(sealed.toString());

describe('what callers see of an action', () => {
  it('is its redacted arguments and its five facts, never the sealed ones', () => {
    const view = actionView(action());
    expect(view).toMatchObject({
      key: `${EXECUTION}/1/0`,
      tool: 'file.delete@v1',
      arguments: { path: '[redacted:email]' },
    });
    expect(Object.keys(view)).toEqual(expect.arrayContaining(['predicted', 'decided', 'done', 'verified', 'undone']));
    expect(JSON.stringify(view)).not.toContain('a@b.example');
    expect(JSON.stringify(view)).not.toContain('sealed');
  });

  it('has no digest when the call was malformed', () => {
    expect('digest' in actionView(action({ digest: null }))).toBe(false);
  });
});

it('a summary is the tool without its version and its arguments, cut at 200 characters', () => {
  expect(summaryOf(action())).toBe('file.delete {"path":"[redacted:email]"}');
  expect(summaryOf(action({ arguments: { path: 'x'.repeat(300) } }))).toHaveLength(200);
  expect(summaryOf(undefined)).toBeNull();
});

it('a step shows its first action as summary and all of them in order', () => {
  const view = stepView(step, [action(), action({ index: 1 })]);
  expect(view).toMatchObject({
    step: 1,
    timestamp: '2026-01-02T03:04:05.000Z',
    thought: 'Clean up',
    observation: 'done',
  });
  expect(view.action).toBe('file.delete {"path":"[redacted:email]"}');
  expect(view.actions.map(({ key }) => key)).toEqual([`${EXECUTION}/1/0`, `${EXECUTION}/1/1`]);
});

describe('what the control plane saw of a turn', () => {
  it.each<[string, Action[], string]>([
    ['no action', [], 'Nothing was done.'],
    ['a verified one', [action()], 'file.delete {"path":"[redacted:email]"}: verified'],
    [
      'a failed one',
      [action({ failure })],
      'file.delete {"path":"[redacted:email]"}: kept (shell.failed: ended with code 1)',
    ],
    ['all verified', [action(), action({ index: 1 })], '2 of 2 actions verified.'],
    [
      'one undone',
      [action(), action({ index: 1, status: 'undone', failure })],
      '1 of 2 actions verified. file.delete {"path":"[redacted:email]"}: undone (shell.failed: ended with code 1)',
    ],
  ])('%s', (_, actions, sentence) => {
    expect(observe(actions)).toBe(sentence);
  });

  it('names three of many failures', () => {
    const bad = Array.from({ length: 9 }, (_, index) => action({ index, failure }));
    expect(observe(bad).split('shell.failed')).toHaveLength(4);
  });
});

describe('what the driver is told of a finished turn', () => {
  it('has the real arguments and outputs', () => {
    expect(finishedStep(step, [action()], unseal)).toEqual({
      step: 1,
      label: 'clean',
      actions: [{ tool: 'file.delete@v1', arguments: { path: 'a@b.example' }, ok: true, output: 'gone' }],
    });
  });

  it('says why an action is not ok, and has no output of one that never ran', () => {
    const denied = action({ status: 'denied', sealed_output: null, verified: null, failure });
    expect(finishedStep(step, [denied], unseal).actions).toEqual([
      { tool: 'file.delete@v1', arguments: { path: 'a@b.example' }, ok: false, failure },
    ]);
  });
});
