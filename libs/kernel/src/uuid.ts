import { v7 } from 'uuid';
import { AppError } from './app-error.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** The 48-bit timestamp field of RFC 9562, section 5.7. */
const MAX_UUID_MS = 2 ** 48 - 1;

/** A new id (RFC 9562, version 7). Ids of one process are strictly increasing as text. */
export const uuidv7 = (): string => v7();

/**
 * True for a UUID of any version in its canonical text: lower case, with hyphens. Upper case is refused, so that two
 * ids are equal exactly when their texts are.
 */
export const isUuid = (text: unknown): text is string => typeof text === 'string' && UUID.test(text);

/**
 * When a UUIDv7 was made, in milliseconds since 1970.
 * @throws AppError `id.invalid` for anything but a UUIDv7.
 */
export function uuidv7Time(id: string): number {
  if (typeof id !== 'string' || !UUID_V7.test(id)) throw new AppError('id.invalid', 'The id is not a UUIDv7.');
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * The lowest UUIDv7 of a millisecond: every id made in or after it sorts at or above. Bounds of monthly partitions.
 * @param ms integer milliseconds since 1970, 0 to 2^48-1.
 * @throws AppError `id.invalid` for a time that does not fit.
 */
export function uuidv7At(ms: number): string {
  if (!Number.isInteger(ms) || ms < 0 || ms > MAX_UUID_MS) {
    throw new AppError('id.invalid', 'A UUIDv7 holds whole milliseconds from 0 to 2^48-1.');
  }
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
