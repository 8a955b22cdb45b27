import { describe, expect, it } from '@jest/globals';
import { isAppError, type LocatedProblem } from '#kernel';
import { compileSpecs } from './spec.compiler.js';

const good = `id: a-spec
version: 1
severity: low
sentence: said
rule:
  never: 'tool == "x"'
examples:
  - { name: bad, violates: true, trace: [{ step: 1 }] }
  - { name: good, violates: false, trace: [{ step: 1 }] }
`;

function problems(...texts: string[]): LocatedProblem[] {
  try {
    compileSpecs(texts.map((text, i) => ({ name: `s${i}.yaml`, text })));
  } catch (error) {
    if (isAppError(error) && error.code === 'spec.invalid') return error.details?.errors ?? [];
    throw error;
  }
  return [];
}

describe('compiling spec files', () => {
  it('takes a good one', () => expect(problems(good)).toEqual([]));

  it.each([
    ['broken YAML', good.replace('\'tool == "x"\'', '[unclosed'), '', /line \d+, column \d+/],
    ['a key twice', `${good}id: b-spec\n`, '', /unique.*line 10/i],
    ['an unknown key', `${good}extra: 1\n`, '/extra', /unknown key.*line 10, column 1/],
    ['an unknown severity', good.replace('low', 'mild'), '/severity', /one of low.*line 3/],
    ['an id with capitals', good.replace('a-spec', 'A Spec'), '/id', /lower-case/],
    ['no such rule', good.replace('never', 'sometimes'), '/rule/sometimes', /no such rule.*line 6/],
    ['a rule named like an object’s own', good.replace('never', 'constructor'), '/rule/constructor', /no such rule/],
    [
      'CEL that does not parse',
      good.replace('tool == "x"', 'tool =='),
      '/rule/never',
      /character 8 of the expression \(line 6, column 3\)/,
    ],
    ['an unknown variable', good.replace('tool ==', 'tul =='), '/rule/never', /Unknown variable: tul/],
    ['a condition that is no bool', good.replace('tool == "x"', 'tool'), '/rule/never', /gives string, needs bool/],
    [
      'a limit beyond what is remembered',
      good.replace(`never: 'tool == "x"'`, `at_most: { times: 21, of: 'true' }`),
      '/rule/at_most/times',
      /from 0 to 20/,
    ],
    [
      'a missing part',
      good.replace(`never: 'tool == "x"'`, `after: { seen: 'true' }`),
      '/rule/after/never',
      /not empty.*line 6/,
    ],
    ['no violating example', good.replace('violates: true', 'violates: false'), '/examples', /violates: true/],
  ])('refuses %s, and says where', (_name, text, pointer, message) => {
    const [first, ...others] = problems(text);
    expect(first?.path).toBe(`s0.yaml#${pointer}`);
    expect(first?.message).toMatch(message);
    expect(others).toEqual([]);
  });

  it('collects the problems of all files, and refuses two of one name', () => {
    expect(problems(good.replace('low', 'mild'), `${good}extra: 1\n`).map(({ path }) => path)).toEqual([
      's0.yaml#/severity',
      's1.yaml#/extra',
    ]);
    expect(problems(good, good)[0]?.message).toContain('two specs');
  });
});
