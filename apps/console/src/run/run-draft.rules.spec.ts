import { describe, expect, it } from '@jest/globals';
import type { Execution } from '#client/browser';
import { draftFrom, draftOf, EMPTY_DRAFT, fieldOfRun, rawIn, requestOf, type RunDraft } from './run-draft.rules.js';

const complete: RunDraft = { ...EMPTY_DRAFT, task_description: 'Tidy up', playbook: 'tidy', workspace: ' /srv/work ' };
const keepLines = { name: 'keep_lines', type: 'integer', required: false, default: 20 } as const;

describe('the draft of a task', () => {
  it.each([[null], ['{'], ['3'], ['[]']])('kept as %j is empty', (kept) => expect(draftOf(kept)).toEqual(EMPTY_DRAFT));

  it('comes back as it was left, without what is not of its kind', () => {
    const kept = JSON.stringify({ ...complete, max_steps: 'many', inputs: null, strange: 1 });
    expect(draftOf(kept)).toEqual({ ...complete, max_steps: '', inputs: {} });
  });

  it('repeats a run: task, playbook, inputs, folder; not who was behind it', () => {
    const run = {
      id: '019c',
      task_description: 'Tidy up',
      agent_type: 'playbook',
      agent_id: 'tidy',
      max_steps: 10,
      playbook: { name: 'tidy', digest: 'sha256:1', inputs: { keep_lines: 5 } },
      workspace: { kind: 'local', path: '/srv/work' },
      on_behalf_of: { kind: 'person', id: 'u', name: 'Somebody' },
    } as unknown as Execution;
    expect(draftFrom(run)).toEqual({
      ...complete,
      workspace: '/srv/work',
      given: { keep_lines: 5 },
      repeats: { id: '019c', digest: 'sha256:1' },
    });
    expect(rawIn(draftFrom(run))(keepLines)).toBe('5');
    expect(rawIn({ ...draftFrom(run), inputs: { keep_lines: '7' } })(keepLines)).toBe('7');
    expect(rawIn(complete)(keepLines)).toBe('20');
  });
});

describe('the task to submit', () => {
  it('holds what was chosen and leaves defaults to the server', () => {
    expect(requestOf(complete, [keepLines])).toEqual({
      request: {
        task_description: 'Tidy up',
        agent_type: 'playbook',
        playbook: { name: 'tidy' },
        workspace: { kind: 'local', path: '/srv/work' },
      },
    });
    expect(
      requestOf({ ...complete, inputs: { keep_lines: '5' }, max_steps: 30, agent_id: 'night' }, [keepLines]),
    ).toEqual({
      request: expect.objectContaining({ playbook: { name: 'tidy', inputs: { keep_lines: 5 } }, agent_id: 'night' }),
    });
  });

  it('bounds a model by its steps', () => {
    expect(requestOf({ ...complete, agent_type: 'model', playbook: null, max_steps: 30 }, [])).toEqual({
      request: expect.objectContaining({ agent_type: 'model', max_steps: 30 }),
    });
  });

  it.each([
    [{ task_description: ' ' }, { task_description: 'Say what is to be done' }],
    [{ task_description: 'x'.repeat(10_001) }, { task_description: 'At most 10000 characters' }],
    [{ playbook: null }, { playbook: 'Choose a playbook' }],
    [{ workspace: '' }, { workspace: 'Name the folder the run may see and change' }],
    [{ workspace: 'work' }, { workspace: 'Must be an absolute path: /…' }],
    [{ inputs: { keep_lines: 'few' } }, { 'inputs.keep_lines': 'must be an integer within ±9007199254740991' }],
  ])('is none with %j', (part, errors) => expect(requestOf({ ...complete, ...part }, [keepLines])).toEqual({ errors }));

  it.each([
    ['playbook', 'playbook'],
    ['playbook.name', 'playbook'],
    ['playbook.inputs.keep_lines', 'inputs.keep_lines'],
    ['workspace.path', 'workspace'],
    ['on_behalf_of', 'on_behalf_of'],
    ['trace', null],
  ])('what the server says about %s is shown at %j', (path, field) => expect(fieldOfRun(path)).toBe(field));
});
