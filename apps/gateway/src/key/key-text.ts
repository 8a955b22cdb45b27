import { crc32 } from 'node:zlib';

/** `st_<env>_<id>_<secret>_<crc>`: the id is the row's UUID without hyphens, the secret 256 bits, all in lower-case hex. */
const KEY = /^(st_([a-z][a-z0-9]{0,15})_([0-9a-f]{32})_([0-9a-f]{64}))_([0-9a-f]{8})$/;
/** Of the longest environment. */
const MAX_KEY_LENGTH = 126;
const LOOKS_LIKE_KEY = /(?:^|[^a-z0-9])st_[a-z0-9]{1,16}_[0-9a-f]{32}_/i;
const UUID_PARTS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

export interface KeyParts {
  /** Which installation it is for. */
  environment: string;
  /** UUID. */
  id: string;
  secret: string;
}

const checksumOf = (text: string): string => crc32(text).toString(16).padStart(8, '0');

export const writeKey = ({ environment, id, secret }: KeyParts): string => {
  const text = `st_${environment}_${id.replaceAll('-', '')}_${secret}`;
  return `${text}_${checksumOf(text)}`;
};

/** Null for a text that was mistyped, cut or made up: whoever has no key learns so without a question to the database. */
export const readKey = (text: string): KeyParts | null => {
  if (text.length > MAX_KEY_LENGTH) return null;
  const [, signed, environment, id, secret, checksum] = KEY.exec(text) ?? [];
  if (!signed || !environment || !id || !secret || checksumOf(signed) !== checksum) return null;
  return { environment, id: id.replace(UUID_PARTS, '$1-$2-$3-$4-$5'), secret };
};

/** True for a text with a key in it, good or not. */
export const holdsKey = (text: string): boolean => LOOKS_LIKE_KEY.test(text);
