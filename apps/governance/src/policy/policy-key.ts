import { AppError, canonicalJson, sha256 } from '#kernel';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'governance-policy-key.pem';

/** What is signed: which content is in force for whom, under which epoch. */
export interface SignedPolicy {
  team: string;
  epoch: number;
  /** Of what decides. */
  digest: string;
  files_digest: string;
}

const statementOf = ({ team, epoch, digest, files_digest }: SignedPolicy): Buffer =>
  Buffer.from(canonicalJson({ v: 1, team, epoch, digest, files_digest }));

/** The file takes its name when it is whole: of several processes one wins, none reads half a key. */
const makeKey = (home: string, file: string): void => {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const incoming = `${file}.${randomUUID()}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(incoming, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(incoming, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(incoming, { force: true });
  }
};

/** Signs bundles that come into force and verifies them before a replica uses them: Ed25519 (RFC 8032). */
export class PolicyKey {
  /** SHA-256 of the public key's DER. */
  readonly id: string;
  private readonly publicKey: KeyObject;

  private constructor(private readonly privateKey: KeyObject) {
    this.publicKey = createPublicKey(privateKey);
    this.id = sha256(this.publicKey.export({ type: 'spki', format: 'der' }));
  }

  /**
   * The key in the data folder, made when there is none; readable by its owner alone.
   * @throws AppError `policy.key_invalid`
   */
  static open(home: string): PolicyKey {
    const file = join(home, FILE);
    if (!existsSync(file)) makeKey(home, file);
    try {
      const key = createPrivateKey(readFileSync(file, 'utf8'));
      if (key.asymmetricKeyType === 'ed25519') return new PolicyKey(key);
    } catch (cause) {
      throw invalidKey(cause);
    }
    throw invalidKey();
  }

  /** Base64. */
  sign(policy: SignedPolicy): string {
    return sign(null, statementOf(policy), this.privateKey).toString('base64');
  }

  verify(policy: SignedPolicy, keyId: string, signature: string): boolean {
    return keyId === this.id && verify(null, statementOf(policy), this.publicKey, Buffer.from(signature, 'base64'));
  }
}

const invalidKey = (cause?: unknown): AppError =>
  new AppError('policy.key_invalid', `${FILE} in the data folder is not an Ed25519 key.`, { cause });
