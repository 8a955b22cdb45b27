import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '#kernel';
import fc from 'fast-check';
import { restoreHidden } from './action-edit.rules.js';
import { visible } from './visible.rules.js';

const LONG = 'x'.repeat(5_000);
const real = {
  path: 'notes.txt',
  content: `mail ada@example.org\n`,
  headers: { authorization: 'Bearer abcdefgh12345678', accept: 'text/plain' },
  argv: ['curl', '-u', 'ada@example.org', LONG],
  many: Array.from({ length: 60 }, (_, i) => i),
};
const shown = visible(real);
const restored = (written: Record<string, unknown>) => restoreHidden(written, shown, real);

/** What has no canonical JSON has no digest, so nobody was ever asked about it. */
const isCanonical = (value: unknown): boolean => {
  try {
    return canonicalJson(value) !== '';
  } catch {
    return false;
  }
};

describe('what a reviewer wrote over what they were shown', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['nothing changed', shown, real],
    ['one text changed', { ...shown, path: 'b.txt' }, { ...real, path: 'b.txt' }],
    ['a member left out', { path: 'b.txt' }, { path: 'b.txt' }],
    ['a member added', { ...shown, mode: 0o644 }, { ...real, mode: 0o644 }],
    ['a hidden text written whole', { ...shown, content: 'no mail' }, { ...real, content: 'no mail' }],
    [
      'a member beside a hidden one',
      { ...shown, headers: { ...shown.headers, accept: 'a/b' } },
      { ...real, headers: { ...real.headers, accept: 'a/b' } },
    ],
    [
      'an item beside hidden ones',
      { ...shown, argv: ['wget', ...shown.argv.slice(1)] },
      { ...real, argv: ['wget', ...real.argv.slice(1)] },
    ],
    ['a long list replaced', { ...shown, many: [1] }, { ...real, many: [1] }],
    ['another kind of value', { ...shown, headers: null }, { ...real, headers: null }],
  ])('%s', (_name, written, expected) => {
    expect(restored(written)).toEqual({ kind: 'restored', arguments: expected });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a changed text with a hidden part', { ...shown, content: `to: ${shown.content}` }, '/content'],
    ['a hidden text in another place', { ...shown, path: shown.content }, '/path'],
    ['a hidden text under another name', { 'to/do': shown.content }, '/to~1do'],
    ['a shortened text, changed', { ...shown, argv: [...shown.argv.slice(0, 3), `y${shown.argv[3]}`] }, '/argv/3'],
    ['a list of another length with a hidden item', { ...shown, argv: shown.argv.slice(1) }, '/argv/1'],
    ['a shortened list, changed', { ...shown, many: [7, ...shown.many.slice(1)] }, '/many/50'],
    ['a marker that was never there', { ...shown, path: '[redacted:email]' }, '/path'],
  ])('%s is unclear', (_name, written, path) => {
    expect(restored(written)).toEqual({ kind: 'unclear', path });
  });

  it('of anything, left as it is, is what it really was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
        fc.pre(isCanonical(plain));
        expect(restoreHidden(visible(plain), visible(plain), plain)).toEqual({ kind: 'restored', arguments: plain });
      }),
    );
  });
});
