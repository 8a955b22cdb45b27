import { describe, expect, it } from '@jest/globals';
import { dotted, placed } from './server-errors.rules.js';

describe('what a server says about a form', () => {
  it.each([
    ['/email', 'email'],
    ['/playbook/inputs/keep_lines', 'playbook.inputs.keep_lines'],
    ['/a~1b/c~0d', 'a/b.c~d'],
  ])('%s is %s', (pointer, name) => expect(dotted(pointer)).toBe(name));

  it('stands beside its fields, all of it', () => {
    const said = [
      { path: '/email', message: 'must be an e-mail address' },
      { path: '/email', message: 'must not be longer' },
    ];
    expect(placed(said, (path) => path)).toEqual({
      fields: { email: 'must be an e-mail address; must not be longer' },
      rest: [],
    });
  });

  it('is left over when it is about the whole, or about no field of the form', () => {
    const said = [
      { path: '', message: 'too large' },
      { path: '/trace', message: 'unknown' },
    ];
    expect(placed(said, (path) => (path === 'trace' ? null : path))).toEqual({ fields: {}, rest: said });
  });
});
