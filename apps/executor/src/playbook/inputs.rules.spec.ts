import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isAppError } from '#kernel';
import { bindInputs } from './inputs.rules.js';
import { parsePlaybook } from './parse.rules.js';

const playbook = parsePlaybook(
  `apiVersion: playbook/v1
name: p
inputs:
  folder: {type: string, required: true}
  count: {type: integer, default: 3}
  ratio: {type: number, default: 0.5}
  deep: {type: boolean}
  names: {type: list, default: [a]}
  labels: {type: map}
steps: [{id: a, uses: file.read@v1}]
`,
  ['file.read@v1'],
);

function problems(given: unknown): unknown {
  try {
    return bindInputs(playbook, given);
  } catch (error) {
    if (isAppError(error) && error.code === 'playbook.inputs_invalid') return error.details?.errors;
    throw error;
  }
}

describe('binding inputs', () => {
  test('defaults fill what is not given; the rest is null', () => {
    expect(bindInputs(playbook, { folder: 'x' })).toEqual({
      folder: 'x',
      count: 3,
      ratio: 0.5,
      deep: null,
      names: ['a'],
      labels: null,
    });
    expect(
      bindInputs(playbook, { folder: '', count: 0, ratio: 2, deep: false, names: [], labels: { a: [1] } }),
    ).toEqual({
      folder: '',
      count: 0,
      ratio: 2,
      deep: false,
      names: [],
      labels: { a: [1] },
    });
  });

  test('what was bound does not change when the caller changes its own value', () => {
    const names = ['x'];
    const bound = bindInputs(playbook, { folder: 'x', names });
    names.push('y');
    expect(bound.names).toEqual(['x']);
  });

  test.each<[unknown, string, string]>([
    [{}, '/inputs/folder', 'the input "folder" is required'],
    [undefined, '/inputs/folder', 'the input "folder" is required'],
    [[], '/inputs', 'inputs must be a map'],
    ['x', '/inputs', 'inputs must be a map'],
    [null, '/inputs', 'inputs must be a map'],
    [{ folder: 1 }, '/inputs/folder', 'the input "folder" must be text'],
    [{ folder: null }, '/inputs/folder', 'the input "folder" must be text'],
    [{ folder: '\ud800' }, '/inputs/folder', 'the input "folder" must be text'],
    [{ folder: 'x', count: 1.5 }, '/inputs/count', 'the input "count" must be an integer within ±9007199254740991'],
    [{ folder: 'x', count: '3' }, '/inputs/count', 'the input "count" must be an integer within ±9007199254740991'],
    [{ folder: 'x', count: 2 ** 53 }, '/inputs/count', 'the input "count" must be an integer within ±9007199254740991'],
    [{ folder: 'x', ratio: Number.NaN }, '/inputs/ratio', 'the input "ratio" must be a finite number'],
    [{ folder: 'x', deep: 'true' }, '/inputs/deep', 'the input "deep" must be true or false'],
    [{ folder: 'x', names: { 0: 'a' } }, '/inputs/names', 'the input "names" must be a list'],
    [{ folder: 'x', labels: ['a'] }, '/inputs/labels', 'the input "labels" must be a map'],
    [{ folder: 'x', labels: new Date(0) }, '/inputs/labels', 'the input "labels" must be a map'],
    [{ folder: 'x', names: [() => 1] }, '/inputs/names', 'the input "names" must be JSON data'],
    [
      { folder: 'x', names: ['y'.repeat(300_000)] },
      '/inputs/names',
      'the input "names" must have at most 262144 characters',
    ],
    [
      { folder: 'x', labels: JSON.parse('{"__proto__": 1}') },
      '/inputs/labels',
      'the input "labels" must not hold the key "__proto__"',
    ],
    [{ folder: 'x', foldr: 1 }, '/inputs/foldr', 'the playbook has no input "foldr" (did you mean "folder"?)'],
    [{ folder: 'x', 'a/b': 1 }, '/inputs/a~1b', 'the playbook has no input "a/b"'],
    [
      JSON.parse('{"folder": "x", "__proto__": {"count": 9}}'),
      '/inputs/__proto__',
      'the playbook has no input "__proto__"',
    ],
  ])('%j is refused at its place', (given, path, message) => {
    expect(problems(given)).toEqual([{ path, message }]);
  });

  test('every problem is listed', () => {
    expect(problems({ folder: 1, count: 'x', more: 1 })).toEqual(
      expect.arrayContaining(
        ['/inputs/folder', '/inputs/count', '/inputs/more'].map((path) => expect.objectContaining({ path })),
      ),
    );
  });

  test('any JSON value is bound or refused, never anything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => void problems(given)),
      { numRuns: 500, seed: 17 },
    );
    const some = fc.record(
      { folder: fc.jsonValue(), names: fc.jsonValue(), labels: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(some, (given) => void problems(given)),
      { numRuns: 500, seed: 19 },
    );
  });
});
