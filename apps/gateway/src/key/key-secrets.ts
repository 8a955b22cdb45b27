import { AppError } from '#kernel';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { openSecretFile } from '../auth/secret-file.js';

const FILE = 'gateway-key-pepper';
const SECRET_BYTES = 32;
const HEX = /^[0-9a-f]{64}$/;

/**
 * What keys are hashed under: a file in the data folder, not in the database, made once.
 * @throws AppError `key_pepper.invalid`
 */
export const openKeyPepper = (home: string): Buffer => {
  const text = openSecretFile(home, FILE, () => randomBytes(SECRET_BYTES).toString('hex'));
  if (HEX.test(text)) return Buffer.from(text, 'hex');
  throw new AppError(
    'key_pepper.invalid',
    `${FILE} in the data folder is not 64 hex digits; bring it back from a backup, or move it away and make new keys.`,
  );
};

/** The secrets of API keys, and what is stored of them. */
export class KeySecrets {
  /** @param derivation 32 bytes that repeatable secrets are derived under */
  constructor(
    private readonly pepper: Buffer,
    private readonly derivation: Buffer,
  ) {}

  /**
   * The secret of a new key. With the request's Idempotency-Key it is derived from both, so that a repeat is answered
   * alike although nothing but the hash is stored; without one it is random.
   */
  secretOf(id: string, idempotencyKey?: string): string {
    if (idempotencyKey === undefined) return randomBytes(SECRET_BYTES).toString('hex');
    return createHmac('sha256', this.derivation).update(`${id} ${idempotencyKey}`).digest('hex');
  }

  /** HMAC-SHA-256 of a key's id and secret. */
  hashOf({ id, secret }: { id: string; secret: string }): Buffer {
    return createHmac('sha256', this.pepper).update(`${id} ${secret}`).digest();
  }

  matches(given: { id: string; secret: string }, stored: Buffer): boolean {
    return timingSafeEqual(this.hashOf(given), stored);
  }
}
