import { AppError } from '#kernel';
import { calculateJwkThumbprint, type JWK } from 'jose';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'gateway-signing-key.pem';

export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** 32 bytes for one purpose, derived from the private key (RFC 5869). */
  secretFor(purpose: string): Buffer;
}

/** Writes a new key beside its place and links it there: of several processes one wins, none reads half a file. */
const createKeyFile = (home: string, file: string): void => {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

const readKeyFile = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/**
 * The Ed25519 key that signs access tokens: a file in the data folder, readable by its owner alone, made once.
 * @throws AppError `signing_key.invalid`
 */
export const openSigningKey = async (home: string): Promise<SigningKey> => {
  const file = join(home, FILE);
  if (readKeyFile(file) === null) createKeyFile(home, file);
  const privateKey = parse(readKeyFile(file) ?? '');
  const publicKey = createPublicKey(privateKey);
  const kid = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }) as JWK);
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' });
  return {
    kid,
    privateKey,
    publicKey,
    secretFor: (purpose) => Buffer.from(hkdfSync('sha256', seed, '', `spectrace ${purpose}`, 32)),
  };
};

const parse = (pem: string): KeyObject => {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw invalidKey(cause);
  }
  throw invalidKey();
};

const invalidKey = (cause?: unknown): AppError =>
  new AppError(
    'signing_key.invalid',
    `${FILE} in the data folder is not an Ed25519 key; move it away to get a new one.`,
    {
      cause,
    },
  );
