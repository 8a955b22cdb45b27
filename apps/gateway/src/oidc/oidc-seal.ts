import { EncryptJWT, jwtDecrypt } from 'jose';
import type { Begun } from './oidc-client.js';

const AUDIENCE = 'spectrace:oidc';
const COOKIE = 'spectrace_oidc';
export const SIGN_IN_S = 600;

/** What a browser keeps while its person is at the provider: encrypted, so that nobody reads or makes one. */
export class OidcSeal {
  /** @param key 32 bytes */
  constructor(private readonly key: Buffer) {}

  close({ state, nonce, verifier }: Begun): Promise<string> {
    return new EncryptJWT({ state, nonce, verifier })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(`${SIGN_IN_S}s`)
      .encrypt(this.key);
  }

  /** Null for what we did not close, or too long ago. */
  async open(text: string): Promise<Begun | null> {
    try {
      const { payload } = await jwtDecrypt(text, this.key, {
        audience: AUDIENCE,
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp', 'state', 'nonce', 'verifier'],
      });
      return {
        state: String(payload['state']),
        nonce: String(payload['nonce']),
        verifier: String(payload['verifier']),
      };
    } catch {
      return null;
    }
  }
}

/** `Set-Cookie`. Lax: it has to come along when the provider sends the browser back. */
export const oidcCookie = (value: string, secure: boolean): string =>
  `${nameOf(secure)}=${value}; Path=/; Max-Age=${value === '' ? 0 : SIGN_IN_S}; SameSite=Lax; HttpOnly${secure ? '; Secure' : ''}`;

/** Null when there is none, or two, one of which somebody else set. */
export const oidcCookieOf = (header: string, secure: boolean): string | null => {
  const pairs = header.split(';').map((pair) => pair.trim());
  const [found, ...others] = pairs.filter((pair) => pair.startsWith(`${nameOf(secure)}=`));
  return found === undefined || others.length > 0 ? null : found.slice(found.indexOf('=') + 1);
};

const nameOf = (secure: boolean): string => (secure ? `__Host-${COOKIE}` : COOKIE);
