import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isAppError, type LocatedProblem } from '#kernel';
import { parsePlaybook } from './parse.rules.js';

const tools = ['file.list@v1', 'file.read@v1', 'file.write@v1', 'file.delete@v1', 'shell.run@v1'];

function problemsOf(source: string): LocatedProblem[] {
  try {
    parsePlaybook(source, tools);
  } catch (error) {
    if (isAppError(error) && error.code === 'playbook.invalid') return error.details?.errors ?? [];
    throw error;
  }
  return [];
}

/** A valid file whose step lines start at line 4, column 5. */
const withStep = (...lines: string[]) =>
  [
    'apiVersion: playbook/v1',
    'name: p',
    'steps:',
    ...lines.map((line, i) => (i === 0 ? `  - ${line}` : `    ${line}`)),
    '',
  ].join('\n');

describe('a problem of an expression is reported where it stands', () => {
  const expression = (text: string) => withStep('id: a', 'uses: file.read@v1', `with: {path: "${text}"}`);
  test.each<[string, string]>([
    ['${{ 1 + }}', '6:27 Unexpected token: EOF'],
    ['${{ inputs.x', '6:19 this "${{" has no closing "}}"'],
    ['${{ }}', '6:22 the expression is empty'],
    ["a ${{ 'x' + 1 }}", '6:25 no such overload: string + int'],
    ['${{ inputs.x }}', '6:30 there is no input "x"'],
    ['${{ inputs }}', '6:23 name one input: inputs.<name>'],
    ['${{ steps }}', '6:23 name one step: steps.<id>.result, .results, .outputs.<name> or .status'],
    ['${{ steps.b.result }}', '6:29 there is no step "b"'],
    ['${{ steps.a.result }}', '6:29 step "a" has not run yet at this point'],
    ['${{ item }}', '6:23 "item" exists only in "with" of a step with for_each'],
    ['${{ index }}', '6:23 "index" exists only in "with" of a step with for_each'],
    ['${{ env.HOME }}', '6:23 there is no variable "env"'],
    ['${{ google }}', '6:23 there is no variable "google"'],
    ["${{ 'a'.matches('a+') }}", '6:23 the function "matches" is not available'],
    ["${{ timestamp('2026-01-01T00:00:00Z') }}", '6:23 the function "timestamp" is not available'],
    ['${{ cel.bind(x, 1, x) }}', '6:23 the function "bind" is not available'],
    ['${{ [1].map(steps, 1) }}', '6:31 the loop variable must not be called "steps"'],
    ['${{ sizee([1]) }}', '6:23 the function "sizee" is not available (did you mean "size"?)'],
  ])('the expression in %j', (text, message) => {
    expect(problemsOf(expression(text))).toContainEqual({ path: '/steps/0/with/path', message });
  });

  test('an expression of more than 4096 characters', () => {
    const long = expression(`\${{ size('${'x'.repeat(4096)}') }}`);
    expect(problemsOf(long)).toEqual([
      { path: '/steps/0/with/path', message: '6:22 an expression has at most 4096 characters' },
    ]);
  });

  test('what other steps provide: kind of result, outputs, order', () => {
    const source = `apiVersion: playbook/v1
name: p
steps:
  - {id: one, uses: file.read@v1, outputs: {text: "\${{ steps.one.result.content }}"}}
  - {id: many, uses: file.read@v1, for_each: [a], max: 1, with: {path: "\${{ item }}"}}
  - id: use
    uses: file.write@v1
    with:
      a: \${{ steps.one.results }}
      b: \${{ steps.many.result }}
      c: \${{ steps.one.outputs.txt }}
      d: \${{ steps.one.outputs }}
      e: \${{ steps.one.state }}
      f: \${{ steps.last.result }}
      g: ok \${{ steps.one.status + steps.one.outputs.text }} \${{ size(steps.many.results) }}
  - {id: last, uses: file.read@v1}
`;
    expect(problemsOf(source)).toEqual([
      { path: '/steps/2/with/a', message: '9:24 step "one" has no for_each: use "result"' },
      { path: '/steps/2/with/b', message: '10:25 step "many" has for_each: use "results"' },
      { path: '/steps/2/with/c', message: '11:32 step "one" has no output "txt" (did you mean "text"?)' },
      { path: '/steps/2/with/d', message: '12:24 name one output: steps.one.outputs.<name>' },
      { path: '/steps/2/with/e', message: '13:24 steps.one has result, outputs.<name> and status, not "state"' },
      { path: '/steps/2/with/f', message: '14:20 step "last" has not run yet at this point' },
    ]);
  });

  test('an input used with the wrong type', () => {
    const source =
      withStep('id: a', 'uses: file.read@v1', 'with: {path: "${{ inputs.n + \'x\' }}"}') +
      'inputs: {n: {type: integer, default: 1}}\n';
    expect(problemsOf(source)).toEqual([
      { path: '/steps/0/with/path', message: '6:23 no such overload: int + string' },
    ]);
  });

  test('two steps of one name', () => {
    const source = withStep('{id: a, uses: file.read@v1}') + '  - {id: a, uses: file.read@v1}\n';
    expect(problemsOf(source)).toEqual([{ path: '/steps/1/id', message: '5:10 another step is already called "a"' }]);
  });
});

describe('hostile input', () => {
  const lines = withStep(
    'id: a',
    'uses: shell.run@v1',
    'if: ${{ size([1, 2]) > 1 }}',
    'with: {argv: [ls], env: {A: "${{ 1 }}"}}',
    'expect: {must: {created: [a]}}',
  ).split('\n');

  test('a valid file with pieces cut, doubled or replaced never throws anything but playbook.invalid', () => {
    const edit = fc.tuple(
      fc.nat(lines.length - 1),
      fc.constantFrom('cut', 'double', 'indent', 'replace'),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const copy = [...lines];
        for (const [at, kind, text] of edits) {
          const line = copy[at] ?? '';
          copy[at] = {
            cut: '',
            double: `${line}\n${line}`,
            indent: `  ${line}`,
            replace: line.replace(/: .*/, () => `: ${text}`),
          }[kind]!;
        }
        problemsOf(copy.join('\n'));
      }),
      { numRuns: 1000, seed: 11 },
    );
  });

  test('any expression text is accepted or refused with a location', () => {
    const piece = fc.constantFrom(
      'inputs',
      'steps',
      'item',
      '.',
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      "'",
      '"',
      '1',
      'a',
      'map',
      'filter',
      '==',
      '&&',
      '!',
      '?',
      ':',
      ',',
      ' ',
      '\\\\',
      'r',
      '}}',
      '${{',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const source = `apiVersion: playbook/v1\nname: p\nsteps:\n- id: a\n  uses: file.read@v1\n  with:\n    path: |\n      \${{ ${pieces.join('')} }}\n`;
        for (const { message } of problemsOf(source)) expect(message).toMatch(/^\d+:\d+ ./);
      }),
      { numRuns: 2000, seed: 13 },
    );
  });
});
