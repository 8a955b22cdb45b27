import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

const withTop = (...lines: string[]) =>
  ['apiVersion: playbook/v1', 'name: p', 'steps: [{id: a, uses: file.read@v1}]', ...lines, ''].join('\n');

describe('a valid playbook', () => {
  const source = `apiVersion: playbook/v1
name: clean
description: Cleans.
inputs:
  folder: {type: string, default: dist, description: What to clean.}
  days: {type: integer, required: true}
  note: {type: string}
defaults: {timeout: 2m}
on_failure: rollback
guide: {purpose: Tidy., troubleshooting: [Look., Again.], rollback: None.}
steps:
  - id: scan
    uses: file.list@v1
    with: {path: "\${{ inputs.folder }}"}
    outputs: {files: "\${{ steps.scan.result.entries }}"}
  - id: remove
    name: Remove them
    if: \${{ size(steps.scan.outputs.files) > 0 }}
    for_each: \${{ steps.scan.outputs.files }}
    max: 10
    uses: file.delete@v1
    with: {path: "\${{ item.path }}"}
    expect: {deleted: ["dist/**"], must: {deleted: [dist/a]}, forbidden: [data/**]}
    on_failure: continue
  - id: run
    uses: shell.run@v1
    with: {argv: [ls], env: {N: "\${{ size(steps.remove.results) }}"}}
    expect: {exit_codes: [0, 2]}
    timeout: 5s
`;

  test('is read whole, with defaults applied, and frozen', () => {
    const playbook = parsePlaybook(source, tools);
    expect(playbook).toMatchObject({
      name: 'clean',
      description: 'Cleans.',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      on_failure: 'rollback',
      inputs: {
        folder: { type: 'string', default: 'dist', required: false },
        days: { type: 'integer', required: true },
      },
      guide: { purpose: 'Tidy.', troubleshooting: ['Look.', 'Again.'], rollback: 'None.' },
    });
    expect(playbook.steps.map(({ id, on_failure }) => [id, on_failure])).toEqual([
      ['scan', 'rollback'],
      ['remove', 'continue'],
      ['run', 'rollback'],
    ]);
    expect(playbook.steps[1]?.expect).toEqual({
      deleted: ['dist/**'],
      must: { deleted: ['dist/a'] },
      forbidden: ['data/**'],
    });
    expect(playbook.steps[2]?.with).toEqual({
      argv: ['ls'],
      env: { N: '${{ size(steps.remove.results) }}' },
      timeout_ms: 5000,
    });
    expect(playbook.positions['/steps/0/with/path']).toBe('14:18');
    expect(() => {
      (playbook.steps[0]!.with as Record<string, unknown>).path = '/etc';
    }).toThrow(TypeError);
  });

  test('its digest follows every byte of the source', () => {
    expect(parsePlaybook(source, tools).digest).toBe(parsePlaybook(source, tools).digest);
    expect(parsePlaybook(`${source}#\n`, tools).digest).not.toBe(parsePlaybook(source, tools).digest);
  });

  test('defaults.timeout times commands only', () => {
    const timed = withTop('defaults: {timeout: 250ms}').replace('file.read@v1', 'shell.run@v1');
    expect(parsePlaybook(timed, tools).steps[0]?.with).toEqual({ timeout_ms: 250 });
    expect(parsePlaybook(withTop('defaults: {timeout: 250ms}'), tools).steps[0]?.with).toEqual({});
  });
});

describe('a problem of the file is reported where it stands', () => {
  test.each<[string, string, string, string | RegExp]>([
    ['nothing', '', '', '1:1 a playbook is a map'],
    ['a list', '- a', '', '1:1 a playbook is a map'],
    ['no steps', 'apiVersion: playbook/v1\nname: p\n', '', '1:1 a playbook needs "steps"'],
    ['empty steps', 'apiVersion: playbook/v1\nname: p\nsteps: []\n', '/steps', '3:8 a playbook has 1 to 200 steps'],
    ['another version', withTop().replace('/v1\n', '/v2\n'), '/apiVersion', '1:13 "apiVersion" must be playbook/v1'],
    ['a spoilt name', withTop().replace('name: p', 'name: ../p'), '/name', /^2:7 a playbook's name has /],
    ['a number as name', withTop().replace('name: p', 'name: 7'), '/name', '2:7 "name" must be text'],
    [
      'a control character',
      withTop('description: "a\\u0007b"'),
      '/description',
      '4:14 "description" must not hold control characters',
    ],
    [
      'an unknown key',
      withTop('descripton: x'),
      '/descripton',
      '4:1 unknown key "descripton" (did you mean "description"?)',
    ],
    ['a key like nothing known', withTop('zzzzzz: x'), '/zzzzzz', '4:1 unknown key "zzzzzz"'],
    ['a later top key', withTop('on: {manual: {}}'), '/on', '4:1 "on" is not supported yet'],
    ['a later top key', withTop('concurrency: {}'), '/concurrency', '4:1 "concurrency" is not supported yet'],
    ['a later top key', withTop('htm: {}'), '/htm', '4:1 "htm" is not supported yet'],
    ['a later top key', withTop('compliance: []'), '/compliance', '4:1 "compliance" is not supported yet'],
    ['a later top key', withTop('always: []'), '/always', '4:1 "always" is not supported yet'],
    ['a later default', withTop('defaults: {retry: 3}'), '/defaults/retry', '4:12 "retry" is not supported yet'],
    [
      'a bad policy',
      withTop('on_failure: ignore'),
      '/on_failure',
      '4:13 "on_failure" must be one of rollback, stop, continue',
    ],
    ['a guide key', withTop('guide: {why: x}'), '/guide/why', '4:9 unknown key "why"'],
    ['an input without type', withTop('inputs: {a: {}}'), '/inputs/a', '4:13 an input needs "type"'],
    [
      'an unknown type',
      withTop('inputs: {a: {type: text}}'),
      '/inputs/a/type',
      /^4:20 "type" must be one of string, integer/,
    ],
    [
      'a wrong default',
      withTop('inputs: {a: {type: integer, default: x}}'),
      '/inputs/a/default',
      /^4:38 the default must be an integer/,
    ],
    [
      'a pointless default',
      withTop('inputs: {a: {type: string, required: true, default: x}}'),
      '/inputs/a/default',
      '4:53 a required input has no default',
    ],
    [
      'an expanded default',
      withTop('inputs: {a: {type: string, default: "${{ 1 }}"}}'),
      '/inputs/a/default',
      '4:37 a default must not hold an expression',
    ],
    ['an input name', withTop('inputs: {A-b: {type: string}}'), '/inputs/A-b', /^4:10 an input's name has /],
    ['a bare input', withTop('inputs: {a: string}'), '/inputs/a', '4:13 an input must be a map with "type"'],
  ])('%s', (_, source, path, message) => {
    expect(problemsOf(source)).toContainEqual({
      path,
      message: message instanceof RegExp ? expect.stringMatching(message) : message,
    });
  });

  test('every problem is listed, in the order of the text, at most 50', () => {
    const many = withTop(...Array.from({ length: 70 }, (_, i) => `bad_key_${i}: 1`));
    const found = problemsOf(many);
    expect(found).toHaveLength(50);
    expect(found[0]?.path).toBe('/bad_key_0');
    expect(found[49]?.path).toBe('/bad_key_49');
  });
});

test('the example of the language page is valid', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../playbooks/README.md'), 'utf8');
  const [, example] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  expect(problemsOf(example ?? '')).toEqual([]);
});
