import { expect, it } from '@jest/globals';
import { nkeys } from '@nats-io/transport-node';
import { newSeed, nkeyOf } from './nkey.js';

it('is the same key to the client library', () => {
  for (let i = 0; i < 3; i++) {
    const seed = newSeed();
    const theirs = nkeys.fromSeed(Buffer.from(seed));
    const { publicKey, authenticator } = nkeyOf(seed);
    expect(publicKey).toBe(theirs.getPublicKey());
    const { nkey, sig } = authenticator('a nonce') as { nkey: string; sig: string };
    expect(nkey).toBe(publicKey);
    const [nonce, signature] = [Buffer.from('a nonce'), Buffer.from(sig, 'base64url')];
    expect(theirs.verify(Uint8Array.from(nonce), Uint8Array.from(signature))).toBe(true);
  }
});

const mistyped = (seed: string): string => `${seed.slice(0, 20)}${seed[20] === 'A' ? 'B' : 'A'}${seed.slice(21)}`;

it.each(['', 'SU', 'not a seed', newSeed().slice(0, -1), mistyped(newSeed())])(
  'is not made from what is no seed: %j',
  (seed) => {
    expect(() => nkeyOf(seed)).toThrow();
  },
);
