import { describe, expect, it } from '@jest/globals';
import { type Presented, worthOf } from './session.rules.js';

const CURRENT: Presented = { carrier: 'cookie', open: true, is_current: true, is_previous: false, in_grace: true };
const BEFORE: Presented = { ...CURRENT, is_current: false, is_previous: true };
const OLDER: Presented = { ...BEFORE, is_previous: false };

describe('what a token of a session is worth', () => {
  it.each<[string, Presented, ReturnType<typeof worthOf>]>([
    ['the current one', CURRENT, 'current'],
    ['the current one, long after it was made', { ...CURRENT, in_grace: false }, 'current'],
    ['the one before, at once', BEFORE, 'previous'],
    ['the one before, later', { ...BEFORE, in_grace: false }, 'reused'],
    ['an older one, at once', OLDER, 'reused'],
    ['an older one, later', { ...OLDER, in_grace: false }, 'reused'],
    ['the current one of a session that is over', { ...CURRENT, open: false }, 'ended'],
    ['an older one of a session that is over', { ...OLDER, open: false }, 'ended'],
    ['one that belongs in a body', { ...CURRENT, carrier: 'body' }, 'foreign'],
    ['an older one that belongs in a body', { ...OLDER, carrier: 'body' }, 'foreign'],
    ['one that belongs in a cookie of TLS', { ...CURRENT, carrier: 'host_cookie' }, 'foreign'],
  ])('%s', (_name, presented, worth) => {
    expect(worthOf(presented, 'cookie')).toBe(worth);
  });
});
