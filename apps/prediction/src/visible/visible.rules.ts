import { storable } from '#kernel';
import { redact } from '#trace';

/** The view of a value that is stored and answered: redacted, every text storable. Shape and numbers stay. */
export const visible = <T>(value: T): T => storableAll(redact(value).value) as T;

const storableAll = (value: unknown): unknown => {
  if (typeof value === 'string') return storable(value);
  if (Array.isArray(value)) return value.map(storableAll);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storable(name), storableAll(member)]));
};
