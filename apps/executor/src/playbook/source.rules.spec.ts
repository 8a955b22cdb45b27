import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSource, toJson } from './source.rules.js';

const messages = (source: string) => readSource(source).problems.list();

describe('reading YAML', () => {
  test('plain data keeps its JSON types', () => {
    const { root, problems } = readSource('a: 1\nb: [x, 2.5, true, null, ""]\nc:\n  d: |\n    two\n    lines\n');
    expect(problems.list()).toEqual([]);
    expect(toJson(root!)).toEqual({ a: 1, b: ['x', 2.5, true, null, ''], c: { d: 'two\nlines\n' } });
  });

  test.each([
    ['on: push', { on: 'push' }],
    ['a: [on, off, yes, no, y, n]', { a: ['on', 'off', 'yes', 'no', 'y', 'n'] }],
    ['a: 010', { a: 10 }],
    ['a: 12:30:00', { a: '12:30:00' }],
    ['<<: {a: 1}', { '<<': { a: 1 } }],
  ])('the YAML 1.1 trap %j is read as YAML 1.2', (source, value) => {
    const { root } = readSource(source);
    expect(toJson(root!)).toEqual(value);
  });

  test.each([
    ['a: 1\nb: 2\na: 3', '/a', '3:1 duplicate key "a", first at 1:1'],
    ['a: {b: 1, "b": 2}', '/a/b', '1:11 duplicate key "b", first at 1:5'],
    ['a: &x 1', '/a', '1:7 YAML anchors are not supported'],
    ['a: &x [1]', '/a', '1:7 YAML anchors are not supported'],
    ['a: *x', '/a', '1:4 YAML aliases are not supported'],
    ['a: !!str 1', '/a', '1:10 YAML tags are not supported'],
    ['a: !env HOME', '', '1:1 YAML directives and tags are not supported'],
    ['%YAML 1.1\n---\na: 1', '', '1:1 YAML directives and tags are not supported'],
    ['a: 1\n---\nb: 2', '', '2:1 a playbook file holds exactly one YAML document'],
    ['a: .nan', '/a', '1:4 a number must be finite'],
    ['a: 9007199254740992', '/a', /^1:4 an integer must lie within/],
    ['1: a', '', '1:1 a key must be plain text'],
    ['? [a]\n: 1', '', '1:3 a key must be plain text'],
    ['__proto__: {x: 1}', '', '1:1 the key "__proto__" is not allowed'],
    ['a: "open', '', /^1:\d+ not valid YAML: /],
    ['a: \ud800', '', '1:1 the text is not valid Unicode (a lone surrogate)'],
    [`a: ${'x'.repeat(256 * 1024)}`, '', '1:1 a playbook has at most 262144 bytes'],
    [`a: ${'['.repeat(65)}${']'.repeat(65)}`, '', '1:1 values may be nested at most 64 deep'],
    [`a: ${'['.repeat(64)}${']'.repeat(64)}`, `/a${'/0'.repeat(64)}`.slice(0, 130), undefined],
    ['[]'.repeat(60_000), '', '1:1 a playbook has at most 100000 YAML tokens'],
  ])('%.30j is refused where it stands', (source, path, message) => {
    const found = messages(source);
    if (message === undefined) expect(found).toEqual([]);
    else
      expect(found[0]).toEqual({ path, message: message instanceof RegExp ? expect.stringMatching(message) : message });
  });

  test('aliases that would grow to a billion values are refused at the first anchor', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [i, letter] of [...'bcdefghi'].entries()) {
      bomb.push(`${letter}: &${letter} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`);
    }
    const found = messages(bomb.join('\n'));
    expect(found[0]).toEqual({ path: '/a', message: '1:7 YAML anchors are not supported' });
  });

  test('block nesting deeper than 64 is refused without overflowing the stack', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`);
    expect(messages(lines.join('\n'))[0]?.message).toContain('nested at most 64 deep');
  });

  test('any text is either data or located problems', () => {
    const punctuation = fc.string({
      unit: fc.constantFrom(...'[]{}:,-?&*!|>\'"%@`#\n\t ab1$\0\r\ufeff'.split('')),
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), punctuation), (source) => {
        const { root, problems } = readSource(source);
        if (root === null || problems.any) {
          for (const { message } of problems.list()) expect(message).toMatch(/^\d+:\d+ ./);
          expect(problems.list().length).toBeGreaterThan(0);
        } else JSON.stringify(toJson(root));
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});
