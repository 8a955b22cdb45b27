import { describe, expect, it } from '@jest/globals';
import { type Claims, type Entry, judgeEntry, type Known } from './oidc.rules.js';

const NOBODY: Known = { byAccount: null, byEmail: null };
const claims = (more: Partial<Claims> = {}): Claims => ({
  subject: 's',
  email: 'Ada@Example.org',
  email_verified: true,
  ...more,
});

describe('somebody who comes from a provider', () => {
  it.each<[string, Claims, Known, Entry]>([
    ['known by account', claims(), { ...NOBODY, byAccount: 'u' }, { kind: 'known', user: 'u' }],
    [
      'known by account, no address any more',
      { subject: 's' },
      { ...NOBODY, byAccount: 'u' },
      { kind: 'known', user: 'u' },
    ],
    [
      'known by account, an address that is now of another',
      claims(),
      { byAccount: 'u', byEmail: { id: 'v', linked: false } },
      { kind: 'known', user: 'u' },
    ],
    [
      'known by address',
      claims(),
      { byAccount: null, byEmail: { id: 'v', linked: false } },
      { kind: 'link', user: 'v' },
    ],
    ['of a welcome domain', claims(), NOBODY, { kind: 'join', email: 'ada@example.org' }],
  ])('%s', (_name, told, known, entry) => {
    expect(judgeEntry(told, known, ['example.org'])).toEqual(entry);
  });

  it.each<[string, Claims, Known, string]>([
    ['address not verified', claims({ email_verified: false }), NOBODY, 'oidc.email_unverified'],
    ['verified in words', claims({ email_verified: 'true' }), NOBODY, 'oidc.email_unverified'],
    ['verified by a number', claims({ email_verified: 1 }), NOBODY, 'oidc.email_unverified'],
    ['no address', claims({ email: undefined }), NOBODY, 'oidc.email_unverified'],
    ['another account', claims(), { byAccount: null, byEmail: { id: 'v', linked: true } }, 'oidc.other_account'],
    ['another domain', claims({ email: 'a@other.example' }), NOBODY, 'oidc.nobody_here'],
    ['a domain that ends alike', claims({ email: 'a@not-example.org' }), NOBODY, 'oidc.nobody_here'],
    ['a domain below', claims({ email: 'a@sub.example.org' }), NOBODY, 'oidc.nobody_here'],
    ['two domains', claims({ email: 'a@example.org@evil.example' }), NOBODY, 'oidc.nobody_here'],
  ])('%s is refused', (_name, told, known, code) => {
    expect(() => judgeEntry(told, known, ['example.org'])).toThrow(expect.objectContaining({ code }));
  });
});
