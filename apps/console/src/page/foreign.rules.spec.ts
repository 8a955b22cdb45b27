import { describe, expect, it } from '@jest/globals';
import { piecesOf, visible } from './foreign.rules.js';

describe('a text that is not trusted', () => {
  it.each([
    ['plain', 'data/customers.db', 'data/customers.db'],
    ['lines and tabs stay', 'a\n\tb', 'a\n\tb'],
    ['a line end of Windows is one line end', 'a\r\nb', 'a\nb'],
    ['a carriage return that would overwrite its line', 'safe\rrm -rf', 'safe␍rm -rf'],
    ['an escape sequence of a terminal', '\u001b[31mred', '␛[31mred'],
    ['delete', 'a\u007f', 'a␡'],
    ['a C1 control', 'a\u009bb', 'a⟨U+009B⟩b'],
    ['a name turned round', 'invoice\u202Efdp.exe', 'invoice⟨U+202E⟩fdp.exe'],
    ['an isolate that is never closed', '\u2066a', '⟨U+2066⟩a'],
    ['a space of no width', 'ad\u200Bmin', 'ad⟨U+200B⟩min'],
    ['tags that spell a hidden instruction', 'a\u{E0041}\u{E0042}', 'a⟨U+E0041⟩⟨U+E0042⟩'],
    ['a line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
    ['half of a surrogate pair', 'a\ud800b', 'a⟨U+D800⟩b'],
    ['an emoji of several is one', '👩\u200D🔬 ❤\uFE0F', '👩\u200D🔬 ❤\uFE0F'],
    ['a joint outside of emoji', 'ad\u200Dmin', 'ad⟨U+200D⟩min'],
    ['other scripts', 'Ελλάδα 日本 عربي', 'Ελλάδα 日本 عربي'],
  ])('%s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('keeps marks apart from text, neighbours together', () => {
    expect(piecesOf('a\0\0b')).toEqual([
      { text: 'a', mark: false },
      { text: '␀␀', mark: true },
      { text: 'b', mark: false },
    ]);
    expect(piecesOf('')).toEqual([]);
  });
});
