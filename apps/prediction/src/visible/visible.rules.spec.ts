import { describe, expect, it } from '@jest/globals';
import { visible } from './visible.rules.js';

describe('what is stored and answered', () => {
  it('holds no secret, no NUL and no half character, and keeps its shape', () => {
    const secret = 'AKIAABCDEFGHIJKLMNOP';
    const seen = visible({ risk: 0.5, none: null, list: [`key ${secret}`, 'cut \ud83d', 'nul \0'] });
    expect(seen).toEqual({
      risk: 0.5,
      none: null,
      list: [expect.stringMatching(/^key \[redacted:/), 'cut \u{FFFD}', 'nul \u{FFFD}'],
    });
  });
});
