import { describe, expect, it } from '@jest/globals';
import { type Declaration, declarationsOf, inputsOf, rawOf, readingOf } from './playbook-inputs.rules.js';

const declared = (type: Declaration['type'], rest: Partial<Declaration> = {}): Declaration => ({
  name: 'one',
  type,
  required: false,
  ...rest,
});

describe('the inputs a playbook declares', () => {
  it('come in the order of the file', () => {
    const file = {
      inputs: {
        keep_lines: { type: 'integer', default: 20, description: 'How many' },
        where: { type: 'string', required: true },
      },
    };
    expect(declarationsOf(file)).toEqual([
      { name: 'keep_lines', type: 'integer', required: false, default: 20, description: 'How many' },
      { name: 'where', type: 'string', required: true },
    ]);
  });

  it.each([[null], ['text'], [[]], [{}], [{ inputs: [] }], [{ inputs: { a: 1, b: { type: 'date' } } }]])(
    'are none of %j',
    (file) => expect(declarationsOf(file)).toEqual([]),
  );
});

describe('a field of an input', () => {
  it.each([
    ['string', 'a', 'a'],
    ['integer', 20, '20'],
    ['boolean', false, 'false'],
    ['list', ['dist', 'coverage'], ['dist', 'coverage']],
    ['list', [1, 'a'], '[1,"a"]'],
    ['list', [], '[]'],
    ['map', { a: 1 }, '{"a":1}'],
    ['map', undefined, ''],
  ] as const)('%s %j stands in it as %j', (type, value, raw) => expect(rawOf({ type }, value)).toEqual(raw));

  it.each([
    [declared('string'), '', { absent: true }],
    [declared('string', { default: 'a' }), '', { value: '' }],
    [declared('string', { required: true }), '', { problem: 'is required' }],
    [declared('string'), ' a ', { value: ' a ' }],
    [declared('integer'), ' 7 ', { value: 7 }],
    [declared('integer'), '7.5', { problem: 'must be an integer within ±9007199254740991' }],
    [declared('integer'), '9007199254740993', { problem: 'must be an integer within ±9007199254740991' }],
    [declared('number'), '7.5', { value: 7.5 }],
    [declared('number'), 'Infinity', { problem: 'must be a number' }],
    [declared('boolean'), 'false', { value: false }],
    [declared('list'), ['a'], { value: ['a'] }],
    [declared('list'), [], { value: [] }],
    [declared('list'), '[1]', { value: [1] }],
    [declared('list'), '{}', { problem: 'must be a list: ["a", "b"]' }],
    [declared('map'), '{', { problem: 'must be JSON: {"name": "value"}' }],
    [declared('map', { required: true }), ' ', { problem: 'is required' }],
  ] as const)('%j holding %j is %j', (declaration, raw, reading) =>
    expect(readingOf(declaration, raw as string)).toEqual(reading),
  );

  it('is sent when it differs from its default, and named when it is wrong', () => {
    const declarations = [
      { ...declared('integer', { default: 20 }), name: 'same' },
      { ...declared('integer', { default: 20 }), name: 'other' },
      { ...declared('string'), name: 'empty' },
      { ...declared('map'), name: 'wrong' },
    ];
    const raw: Record<string, string> = { same: '20', other: '5', empty: '', wrong: '[]' };
    expect(inputsOf(declarations, ({ name }) => raw[name]!)).toEqual({
      inputs: { other: 5 },
      problems: { wrong: 'must be a map: {"name": "value"}' },
    });
  });
});
