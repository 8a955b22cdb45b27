import { AppError } from '#kernel';
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The file takes its name when it is whole: who comes at the same time, or after a crash, never reads half a key. */
const makeKey = (keyFile: string): void => {
  const folder = dirname(keyFile);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const incoming = `${keyFile}.${randomUUID()}`;
  try {
    synced(openSync(incoming, 'wx', 0o600), (file) => writeSync(file, randomBytes(KEY_BYTES)));
    linkSync(incoming, keyFile);
    synced(openSync(folder, 'r'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(incoming, { force: true });
  }
};

const synced = (file: number, write?: (file: number) => void): void => {
  try {
    write?.(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/**
 * Keeps authorised arguments and raw outputs unreadable in the database: AES-256-GCM (NIST SP 800-38D) under one key
 * per team, derived by HKDF-SHA-256 (RFC 5869) from a key file in the data folder. Sealed bytes are nonce, tag, text.
 */
export class Sealer {
  private readonly teamKeys = new Map<string, Buffer>();

  private constructor(private readonly root: Buffer) {}

  /** Makes the key file when there is none; readable by its owner alone. */
  static open(keyFile: string): Sealer {
    if (!existsSync(keyFile)) makeKey(keyFile);
    const key = readFileSync(keyFile);
    if (key.length !== KEY_BYTES)
      throw new AppError('seal.key_invalid', `${keyFile} is not a key of ${KEY_BYTES} bytes.`);
    return new Sealer(key);
  }

  seal(team: string, value: unknown): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keyOf(team), nonce);
    const text = Buffer.concat([cipher.update(JSON.stringify(value ?? null), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]);
  }

  /** @throws AppError `seal.broken` when the bytes are another team's, changed, or sealed under another key */
  open<T>(team: string, sealed: Buffer): T {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.keyOf(team), sealed.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString('utf8')) as T;
    } catch (cause) {
      throw new AppError('seal.broken', 'Sealed bytes could not be opened with the key of this installation.', {
        cause,
      });
    }
  }

  private keyOf(team: string): Buffer {
    const known = this.teamKeys.get(team);
    if (known) return known;
    const key = Buffer.from(hkdfSync('sha256', this.root, '', `spectrace:seal:${team}`, KEY_BYTES));
    this.teamKeys.set(team, key);
    return key;
  }
}
