import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isShortened, visible } from './visible.rules.js';

describe('what journals and people see of a value', () => {
  it.each<[string, unknown, unknown]>([
    ['plain values', { a: [1, true, null, 'x'] }, { a: [1, true, null, 'x'] }],
    ['a secret member', { password: 'hunter2' }, { password: '[redacted:secret]' }],
    ['an address in a text', 'mail somebody@example.org', 'mail [redacted:email]'],
    ['a NUL character', 'a\0b', 'a\u{FFFD}b'],
    ['half of a surrogate pair', 'a\uD83Db', 'a\u{FFFD}b'],
    ['a NUL in a member name', { 'a\0': 1 }, { 'a\u{FFFD}': 1 }],
    ['a member named __proto__', JSON.parse('{"__proto__": {"x": 1}}'), JSON.parse('{"__proto__": {"x": 1}}')],
    ['4,096 characters', 'x'.repeat(4_096), 'x'.repeat(4_096)],
    ['one more', 'x'.repeat(4_097), `${'x'.repeat(4_096)}… (4097 characters)`],
    ['a pair cut in two', `${'x'.repeat(4_095)}\u{1F600}`, `${'x'.repeat(4_095)}\u{FFFD}… (4097 characters)`],
    ['50 items', Array(50).fill(1), Array(50).fill(1)],
    ['51 items', Array(51).fill(1), [...Array(50).fill(1), '… (51 items)']],
  ])('%s', (_, value, seen) => {
    expect(visible(value)).toEqual(seen);
  });

  it('a secret beyond what is shown does not become visible by shortening', () => {
    const text = `${'x '.repeat(2_040)}somebody.with.a.long.name@example.org`;
    expect(visible(text)).not.toContain('somebody');
  });

  it('reaches into every depth', () => {
    let value: unknown = { token: 'abc\0' };
    for (let i = 0; i < 64; i++) value = i % 2 ? [value] : { inner: value };
    expect(JSON.stringify(visible(value))).toContain('[redacted:secret]');
    expect(JSON.stringify(visible(value))).not.toContain('abc');
  });

  it('leaves the value itself alone', () => {
    const value = { password: 'hunter2', list: Array(60).fill('x') };
    const copy = structuredClone(value);
    visible(value);
    expect(value).toEqual(copy);
  });

  it('is JSON that PostgreSQL holds, whatever it is made of', () => {
    const text = fc.string({ unit: fc.constantFrom('\0', '\uD800', '\uDC00', 'a', '"', '\\', '\n') });
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text))), (value) => {
        const json = JSON.stringify(visible(value));
        expect(json).not.toMatch(/(^|[^\\])(\\\\)*\\u(0000|d[89a-f])/i);
      }),
    );
  });
});

it('whether something was cut off can be told', () => {
  expect(isShortened(visible('x'.repeat(5_000)))).toBe(true);
  expect(isShortened(visible({ a: { b: Array(51).fill(1) } }))).toBe(true);
  expect(isShortened(visible({ a: 'short', b: [1, null] }))).toBe(false);
});
