import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** `sha256:<64 lower-case hex digits>` of bytes, or of a text in UTF-8. */
export const sha256 = (bytes: Uint8Array | string): string => `sha256:${hash('sha256', bytes, 'hex')}`;

/**
 * The digest of a JSON value: SHA-256 over its canonical text, whatever its members' order was.
 * @throws AppError `json.not_canonical` as `canonicalJson`.
 */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value));

/** True for the text of a digest as `sha256` writes it. */
export const isDigest = (text: unknown): text is string => typeof text === 'string' && DIGEST.test(text);
