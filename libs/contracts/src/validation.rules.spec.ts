import { describe, expect, it } from '@jest/globals';
import { executor, parseMessage } from './index.js';

const task = { task_description: 'tidy', agent_type: 'playbook' };
const problemsOf = (input: unknown): unknown => {
  try {
    return parseMessage(executor.SubmitExecution, input);
  } catch (error) {
    return (error as { details: { errors: unknown } }).details.errors;
  }
};

describe('a message from outside', () => {
  it('becomes an instance with exactly the fields that were given', () => {
    const message = parseMessage(executor.SubmitExecution, task);
    expect(message).toBeInstanceOf(executor.SubmitExecution);
    expect({ ...message }).toEqual(task);
  });

  it.each([
    ['not an object', [], [{ path: '', message: 'must be a JSON object' }]],
    [
      'a field every object has',
      JSON.parse('{"task_description":"t","agent_type":"playbook","constructor":1}'),
      [{ path: '/constructor', message: 'unknown field "constructor"' }],
    ],
    [
      'a field called __proto__',
      JSON.parse('{"task_description":"t","agent_type":"playbook","__proto__":1}'),
      [{ path: '/__proto__', message: 'unknown field "__proto__"' }],
    ],
    ['an unknown field', { ...task, tast: 1 }, [{ path: '/tast', message: 'unknown field "tast"' }]],
    [
      'an unknown nested field',
      { ...task, playbook: { name: 'a', nam: 'b' } },
      [{ path: '/playbook/nam', message: 'unknown field "nam"' }],
    ],
  ])('%s is refused where it is', (_what, input, problems) => {
    expect(problemsOf(input)).toEqual(problems);
  });

  it.each([
    ['a missing field', { agent_type: 'playbook' }, '/task_description'],
    ['a wrong type', { ...task, max_steps: '3' }, '/max_steps'],
    ['a number out of range', { ...task, max_steps: 0 }, '/max_steps'],
    ['a text that PostgreSQL cannot hold', { ...task, agent_id: 'a\0b' }, '/agent_id'],
    ['a wrong choice', { ...task, workspace: { kind: 'remote', path: '/x' } }, '/workspace/kind'],
    ['a list where an object belongs', { ...task, playbook: [] }, '/playbook'],
  ])('%s is refused where it is', (_what, input, path) => {
    expect(problemsOf(input)).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
  });

  it('fields that are not looked into keep what they hold', () => {
    const inputs = { deep: { list: [1, { a: null }] }, constructor: 'kept' };
    expect(parseMessage(executor.PlaybookChoice, { inputs }).inputs).toEqual(inputs);
  });
});
