import { createHmac } from 'node:crypto';

/** 32 letters and digits, none that people mix up; 20 of them hold 100 bits. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const LENGTH = 20;
const GROUP = 5;
export const ONE_TIME_HOURS = 7 * 24;

/**
 * Passwords that somebody is given for another. Derived from the id of their issue under a secret, so that a repeated
 * request gets the same answer although no password is ever stored.
 */
export class OneTimePasswords {
  constructor(private readonly secret: Buffer) {}

  for(issue: string): string {
    const bytes = createHmac('sha256', this.secret).update(issue).digest();
    const letters = [...bytes.subarray(0, LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]!).join('');
    return letters.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-');
  }
}
