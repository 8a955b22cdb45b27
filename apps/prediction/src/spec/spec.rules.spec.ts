import { describe, expect, it } from '@jest/globals';
import type { AnalyzedStep } from '../analysis/analysis.types.js';
import { compileSpecs } from './spec.compiler.js';
import { advance } from './spec.rules.js';
import type { SpecState } from './spec.types.js';

const spec = (rule: string, id = 'x-spec'): { name: string; text: string } => ({
  name: `${id}.yaml`,
  text: `id: ${id}
version: 1
severity: high
sentence: said
rule: ${rule}
examples:
  - { name: bad, violates: true, trace: [{ step: 1 }] }
  - { name: good, violates: false, trace: [{ step: 1 }] }
`,
});
const step = (
  number: number,
  tool: string,
  args: Record<string, unknown> = {},
  more: Partial<AnalyzedStep> = {},
): AnalyzedStep => ({
  step: number,
  thought: '',
  actions: tool === '' ? [] : [{ tool, arguments: args, ok: true }],
  ...more,
});

function run(rule: string, steps: AnalyzedStep[]) {
  const compiled = compileSpecs([spec(rule)]);
  let state: SpecState = {};
  const found: number[][] = [];
  const problems: string[] = [];
  for (const one of steps) {
    const advanced = advance(compiled, state, one);
    state = JSON.parse(JSON.stringify(advanced.state)) as SpecState;
    found.push(...advanced.violations.map(({ steps: named }) => named));
    problems.push(...advanced.problems.map(({ message }) => message));
  }
  return { found, problems, state };
}

describe('each kind of rule', () => {
  it('never', () => {
    expect(run(`{ never: 'tool == "rm"' }`, [step(1, 'ls'), step(2, 'rm'), step(3, 'rm')]).found).toEqual([[2], [3]]);
  });

  it('always, where it applies', () => {
    const rule = `{ always: { when: 'kind == "action" && tool == "pay"', holds: 'arguments.amount <= 10' } }`;
    expect(run(rule, [step(1, 'pay', { amount: 10 }), step(2, 'ls'), step(3, 'pay', { amount: 10.5 })]).found).toEqual([
      [3],
    ]);
  });

  it('before, by key and by folder', () => {
    const rule = `{ before: { act: 'tool == "rm"', requires: 'tool == "ls"', key: 'paths(arguments)', covers: ancestors } }`;
    const steps = [
      step(1, 'ls', { path: 'a' }),
      step(2, 'rm', { path: 'a/b' }),
      step(3, 'rm', { path: 'ab' }),
      step(4, 'rm', { path: '.' }),
    ];
    expect(run(rule, steps).found).toEqual([[3], [4]]);
  });

  it('before, once its memory is full, no longer accuses', () => {
    const rule = `{ before: { act: 'tool == "rm"', requires: 'tool == "ls"', key: 'paths(arguments)' } }`;
    const listed = Array.from({ length: 300 }, (_, i) => step(i + 1, 'ls', { path: `d${i}` }));
    expect(run(rule, [...listed.slice(0, 200), step(201, 'rm', { path: 'other' })]).found).toEqual([[201]]);
    expect(run(rule, [...listed, step(301, 'rm', { path: 'other' })]).found).toEqual([]);
  });

  it('after, until it is lifted', () => {
    const rule = `{ after: { seen: 'tool == "read"', never: 'tool == "send"', until: 'tool == "clear"' } }`;
    const tools = ['send', 'read', 'ls', 'send', 'clear', 'send'];
    expect(
      run(
        rule,
        tools.map((tool, i) => step(i + 1, tool)),
      ).found,
    ).toEqual([[2, 4]]);
  });

  it('after, within one step, in the order of its actions', () => {
    const rule = `{ after: { seen: 'tool == "read"', never: 'tool == "send"' } }`;
    const both = (tools: string[]): AnalyzedStep => ({
      ...step(1, ''),
      actions: tools.map((tool) => ({ tool, arguments: {}, ok: true })),
    });
    expect(run(rule, [both(['send', 'read'])]).found).toEqual([]);
    expect(run(rule, [both(['read', 'send'])]).found).toEqual([[1, 1]]);
  });

  it('at_most, per key, counting again after each violation', () => {
    const rule = `{ at_most: { times: 1, of: 'kind == "action"', key: '[tool]' } }`;
    expect(
      run(
        rule,
        ['a', 'b', 'a', 'a', 'a'].map((tool, i) => step(i + 1, tool)),
      ).found,
    ).toEqual([
      [1, 3],
      [4, 5],
    ]);
  });

  it('within, met in time, late, and still owed at the end', () => {
    const rule = `{ within: { steps: 2, trigger: 'tool == "open"', expect: 'tool == "close"' } }`;
    expect(run(rule, [step(1, 'open'), step(2, 'ls'), step(3, 'close')]).found).toEqual([]);
    expect(run(rule, [step(1, 'open'), step(2, 'ls'), step(3, 'ls'), step(4, 'close')]).found).toEqual([[1, 3]]);
    expect(run(rule, [step(1, 'open'), step(2, '', {}, { final_answer: 'done' })]).found).toEqual([[1, 2]]);
  });
});

describe('conditions', () => {
  it('one that cannot be evaluated counts as not matched and is reported', () => {
    const { found, problems } = run(`{ never: 'arguments.missing == 1' }`, [step(1, 'a')]);
    expect(found).toEqual([]);
    expect(problems[0]).toContain('missing');
  });

  it('the versions of a tool are one tool, and equal arguments one call', () => {
    const rule = `{ at_most: { times: 1, of: 'tool == "a"', key: '[call]' } }`;
    expect(run(rule, [step(1, 'a@v1', { x: 1, y: [2] }), step(2, 'a@v2', { y: [2], x: 1 })]).found).toEqual([[1, 2]]);
  });

  it('an edited spec starts afresh', () => {
    const first = compileSpecs([spec(`{ at_most: { times: 1, of: 'tool == "a"' } }`)]);
    const second = compileSpecs([
      {
        ...spec(`{ at_most: { times: 1, of: 'tool == "a"' } }`),
        text: spec(`{ at_most: { times: 1, of: 'tool == "a"' } }`).text.replace('version: 1', 'version: 2'),
      },
    ]);
    const { state } = advance(first, {}, step(1, 'a'));
    expect(advance(second, state, step(2, 'a')).violations).toEqual([]);
    expect(advance(first, state, step(2, 'a')).violations).toHaveLength(1);
  });
});

describe('the size of the state', () => {
  it('48 specs that remember as much as they can stay below 8 KiB', () => {
    const kinds = [
      `{ at_most: { times: 20, of: 'kind == "action"', key: '[call]' } }`,
      `{ before: { act: 'tool == "rm"', requires: 'kind == "action"', key: '[call]' } }`,
      `{ within: { steps: 1000, trigger: 'kind == "action"', expect: 'tool == "never"', key: '[call]' } }`,
    ];
    for (const count of [3, 48]) {
      const compiled = compileSpecs(Array.from({ length: count }, (_, i) => spec(kinds[i % 3]!, `s-${i}`)));
      let state: SpecState = {};
      let largest = 0;
      for (let number = 1; number <= 400; number++) {
        state = advance(compiled, state, step(number, 'a', { number: number % 300 })).state;
        largest = Math.max(largest, JSON.stringify(state).length);
      }
      expect(largest).toBeLessThan(8_192);
    }
  });
});
