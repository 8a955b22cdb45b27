import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import fc from 'fast-check';
import { holdsKey, readKey, writeKey } from './key-text.js';

const secret = 'ab'.repeat(32);
const parts = { environment: 'live', id: uuidv7(), secret };
const key = writeKey(parts);
const HOMOGLYPHS: Record<string, string> = { a: 'а', c: 'с', e: 'е', '0': 'О', '1': 'l', _: '＿' };

describe('a key as text', () => {
  it('is read back as it was written', () => {
    expect(key).toMatch(/^st_live_[0-9a-f]{32}_[0-9a-f]{64}_[0-9a-f]{8}$/);
    expect(readKey(key)).toEqual(parts);
    expect(holdsKey(`/x?q=${key}`)).toBe(true);
  });

  it('is none after any one character was changed, left out, doubled or put in', () => {
    const place = fc.integer({ min: 0, max: key.length - 1 });
    const character = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(place, character, (at, other) => {
        const [before, here, after] = [key.slice(0, at), key[at]!, key.slice(at + 1)];
        const bent = [before + after, before + here + here + after, before + other + here + after];
        for (const text of other === here ? bent : [...bent, before + other + after]) {
          expect(text === key ? null : readKey(text)).toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['nothing', ''],
    ['upper case', key.toUpperCase()],
    ['a space before', ` ${key}`],
    ['a line end after', `${key}\n`],
    ['a second key after', `${key}, ${key}`],
    ['10 KB after', key + 'f'.repeat(10_000)],
    ['letters that look alike', [...key].map((one) => HOMOGLYPHS[one] ?? one).join('')],
    ['full-width letters', key.replaceAll(/[0-9a-z]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))],
    ['an environment that is a path', writeKey({ ...parts, environment: '../live' })],
    ['no environment', writeKey({ ...parts, environment: '' })],
    ['an id that is SQL', writeKey({ ...parts, id: "' OR 1=1 --" })],
    ['a short secret', writeKey({ ...parts, secret: 'ab' })],
  ])('is none with %s', (_name, text) => {
    expect(readKey(text)).toBeNull();
  });
});
