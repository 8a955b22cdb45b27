import { storable } from '#kernel';
import { redact } from '#trace';

/** Longest text, in characters, that a journal row or projection shows of one value. */
const SHOWN_CHARACTERS = 4_096;
const SHOWN_ITEMS = 50;

const shorten = (value: unknown): unknown => {
  if (typeof value === 'string') {
    const text = storable(value);
    return text.length <= SHOWN_CHARACTERS
      ? text
      : `${text.slice(0, SHOWN_CHARACTERS).toWellFormed()}… (${text.length} characters)`;
  }
  if (Array.isArray(value)) {
    const shown = value.slice(0, SHOWN_ITEMS).map(shorten);
    return value.length <= SHOWN_ITEMS ? shown : [...shown, `… (${value.length} items)`];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [shorten(key) as string, shorten(item)]));
  }
  return value;
};

/** The view of a value that journals, logs and people get: redacted, shortened, and text that PostgreSQL can hold. */
export const visible = <T>(value: T): T => shorten(redact(value).value) as T;

const SHORTENED = /… \(\d+ (characters|items)\)$/;

/** Whether something of a visible value was cut off, so that what is not in it may still have been said. */
export const isShortened = (value: unknown): boolean => {
  if (typeof value === 'string') return SHORTENED.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(isShortened);
};
