import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SigningKey } from './signing-key.js';

const SECRET_BYTES = 32;
const TOKEN = /^([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** The token of a session, `<handle>.<secret>`: the handle stays, the secret rotates; each is 256 bits. */
export interface SessionToken {
  handle: string;
  secret: string;
}

export const randomSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** What is stored of a secret. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export const writeToken = ({ handle, secret }: SessionToken): string => `${handle}.${secret}`;

export const readToken = (text: string): SessionToken | null => {
  const [, handle, secret] = TOKEN.exec(text) ?? [];
  return handle && secret ? { handle, secret } : null;
};

/** What is derived from a session's token under keys of this installation. */
export class SessionKeys {
  private readonly rotation: Buffer;
  private readonly csrf: Buffer;

  constructor(key: Pick<SigningKey, 'secretFor'>) {
    this.rotation = key.secretFor('session rotation');
    this.csrf = key.secretFor('session csrf');
  }

  /**
   * The token after this one. Derived, so that everybody who refreshes with the same token within the grace gets the
   * same answer although only hashes are stored.
   */
  next({ handle, secret }: SessionToken): SessionToken {
    return { handle, secret: createHmac('sha256', this.rotation).update(secret).digest('base64url') };
  }

  /** What a page sends as `X-CSRF-Token`; the same for the whole session. */
  csrfOf({ handle }: SessionToken): string {
    return createHmac('sha256', this.csrf).update(handle).digest('base64url');
  }

  isCsrfOf(token: SessionToken, given: string): boolean {
    return timingSafeEqual(hashOf(given), hashOf(this.csrfOf(token)));
  }
}
