import { describe, expect, it } from '@jest/globals';
import { EncryptJWT } from 'jose';
import { oidcCookie, oidcCookieOf, OidcSeal } from './oidc-seal.js';

const seal = new OidcSeal(Buffer.alloc(32, 7));
const begun = { state: 's', nonce: 'n', verifier: 'v' };

describe('what a browser keeps during a sign-in', () => {
  it('is opened by us alone, and says nothing to whoever holds it', async () => {
    const text = await seal.close(begun);
    expect(await seal.open(text)).toEqual(begun);
    expect(await new OidcSeal(Buffer.alloc(32, 8)).open(text)).toBeNull();
    expect(Buffer.from(text.split('.')[3]!, 'base64url').toString('latin1')).not.toContain('"state"');
  });

  it.each<[string, (jwt: EncryptJWT) => EncryptJWT]>([
    ['too old', (jwt) => jwt.setAudience('spectrace:oidc').setExpirationTime('-1s')],
    ['without an end', (jwt) => jwt.setAudience('spectrace:oidc')],
    ['for another purpose', (jwt) => jwt.setAudience('else').setExpirationTime('60s')],
  ])('is nothing when it is %s', async (_name, make) => {
    const jwt = new EncryptJWT({ ...begun }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' });
    expect(await seal.open(await make(jwt).encrypt(Buffer.alloc(32, 7)))).toBeNull();
  });

  it.each(['', 'x', 'a.b.c.d.e'])('is nothing when it is "%s"', async (text) => {
    expect(await seal.open(text)).toBeNull();
  });

  it('over TLS goes by a name that no other host can set, and two of a name are none', () => {
    expect(oidcCookie('x', true)).toBe('__Host-spectrace_oidc=x; Path=/; Max-Age=600; SameSite=Lax; HttpOnly; Secure');
    expect(oidcCookie('', false)).toBe('spectrace_oidc=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly');
    expect(oidcCookieOf('a=b; spectrace_oidc=x', false)).toBe('x');
    expect(oidcCookieOf('spectrace_oidc=x', true)).toBeNull();
    expect(oidcCookieOf('spectrace_oidc=x; spectrace_oidc=y', false)).toBeNull();
  });
});
