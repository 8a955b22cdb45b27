import { AppError } from '#kernel';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import { openSecretFile } from './secret-file.js';

const FILE = 'gateway-signing-key.pem';

export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** 32 bytes for one purpose, derived from the private key (RFC 5869). */
  secretFor(purpose: string): Buffer;
}

const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/**
 * The Ed25519 key that signs access tokens: a file in the data folder, readable by its owner alone, made once.
 * @throws AppError `signing_key.invalid`
 */
export const openSigningKey = async (home: string): Promise<SigningKey> => {
  const privateKey = parse(openSecretFile(home, FILE, newKey));
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
