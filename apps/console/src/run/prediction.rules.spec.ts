import { describe, expect, it } from '@jest/globals';
import type { SubmitExecution } from '#client/browser';
import { factorWords, intervalOf, isAbout, questionOf, similarOf } from './prediction.rules.js';

const task = {
  task_description: 'Tidy up',
  agent_type: 'playbook',
  playbook: { name: 'tidy' },
  workspace: { kind: 'local', path: '/srv/work' },
} as SubmitExecution;

describe('a prediction', () => {
  it('is asked for the agent the run will be submitted as', () => {
    const tools = ['file.read@v1', 'file.delete@v1'];
    const asked = { task_description: 'Tidy up', agent_type: 'playbook', agent_id: 'tidy' };
    expect(questionOf(task, { tools })).toEqual({ ...asked, tools });
    expect(questionOf(task)).toEqual({ ...asked, tools: [] });
    expect(questionOf({ ...task, agent_id: 'night' }).agent_id).toBe('night');
    expect(questionOf({ ...task, agent_type: 'model', playbook: null, max_steps: 30 })).toEqual({
      task_description: 'Tidy up',
      agent_type: 'model',
      agent_id: 'model',
      max_steps: 30,
      tools: [],
    });
  });

  it('is about the task as it stood, and about no other', () => {
    expect(isAbout(task, { ...task })).toBe(true);
    expect(isAbout(task, { ...task, workspace: { kind: 'local', path: '/srv/other' } })).toBe(false);
    expect(isAbout(undefined, task)).toBe(false);
    expect(isAbout(task, null)).toBe(false);
  });

  it.each([
    [
      [0.1, 0.4],
      [0.1, 0.4],
    ],
    [undefined, null],
    [{}, null],
    [[0.4, 0.1], null],
    [[0.1, 7], null],
    [['0.1', 0.2], null],
  ])('with the interval %j is drawn with %j', (interval, drawn) =>
    expect(intervalOf({ interval: interval as never })).toEqual(drawn),
  );

  it('names similar runs, and nothing that is no run', () => {
    const said = [
      { execution_id: '019c', task_description: 'Tidy', status: 'failed', similarity: 0.8 },
      { id: '019d', similarity: 'much' },
      { similarity: 0.5 },
      null,
    ];
    expect(similarOf({ similar_executions: said as never })).toEqual([
      { execution_id: '019c', task_description: 'Tidy', status: 'failed', similarity: 0.8 },
      { execution_id: '019d', task_description: null, status: null, similarity: null },
    ]);
    expect(similarOf({})).toEqual([]);
  });

  it.each([
    ['agent_prior', 'agent prior'],
    ['deception.hide_trace', 'deception: hide trace'],
  ])('calls %s %s', (name, words) => expect(factorWords(name)).toBe(words));
});
