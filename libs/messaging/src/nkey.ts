import { type Authenticator, nkeys } from '@nats-io/transport-node';
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** RFC 4648, as NATS writes keys: without padding. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BITS_A_LETTER = 5;
/** Of a user's public key: its text begins with `U`. */
const USER = 20 << 3;
/** A seed's text holds two bytes of prefix, the 32 bytes of Ed25519, two of checksum. */
const SEED = { from: 2, to: 34 };
/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A user's key pair as NATS knows it. Node's Ed25519: the one of the client library costs milliseconds a signature. */
export interface Nkey {
  /** `U…`, for the server's configuration. */
  publicKey: string;
  /** Signs what the server asks to be signed. */
  authenticator: Authenticator;
}

/** A new seed, `SU…`. */
export const newSeed = (): string => Buffer.from(nkeys.createUser().getSeed()).toString();

/** @throws Error for what is no user's seed */
export const nkeyOf = (seed: string): Nkey => {
  nkeys.fromSeed(Buffer.from(seed)); // judges prefix and checksum
  const der = Buffer.concat([PKCS8_HEAD, base32Decoded(seed).subarray(SEED.from, SEED.to)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = publicKeyOf(privateKey);
  return {
    publicKey,
    authenticator: (nonce) => ({
      nkey: publicKey,
      sig: nonce ? sign(null, Buffer.from(nonce), privateKey).toString('base64url') : '',
    }),
  };
};

const publicKeyOf = (privateKey: KeyObject): string => {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const body = Buffer.concat([Buffer.from([USER]), Buffer.from(x!, 'base64url')]);
  const checksum = Buffer.alloc(2);
  checksum.writeUInt16LE(crc16(body));
  return base32(Buffer.concat([body, checksum]));
};

/** CRC-16/XMODEM: polynomial 0x1021, from 0. */
const crc16 = (bytes: Buffer): number => {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
};

const base32 = (bytes: Buffer): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = bits.match(/.{1,5}/g) ?? [];
  return letters.map((letter) => ALPHABET[parseInt(letter.padEnd(BITS_A_LETTER, '0'), 2)]).join('');
};

const base32Decoded = (text: string): Buffer => {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(BITS_A_LETTER, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
};
