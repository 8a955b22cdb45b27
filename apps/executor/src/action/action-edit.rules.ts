import { canonicalJson, jsonPointer } from '#kernel';

export type Restored = { kind: 'restored'; arguments: Record<string, unknown> } | { kind: 'unclear'; path: string };

/** What a redacted or shortened text, and a shortened list, ends or is marked with. */
const HIDDEN = /\[redacted:[a-z_]+\]|… \(\d+ (?:characters|items)\)$/;

/**
 * The real arguments behind what a reviewer wrote. They edited the view that people get, in which secrets and long texts
 * are hidden: what is left as it was shown stays as it really is. A hidden part inside of what they did change is
 * unclear, and nobody guesses at it. `path`: a JSON pointer.
 */
export const restoreHidden = (
  written: Record<string, unknown>,
  shown: Record<string, unknown>,
  real: Record<string, unknown>,
): Restored => {
  try {
    return { kind: 'restored', arguments: restore(written, shown, real, []) as Record<string, unknown> };
  } catch (error) {
    if (error instanceof Unclear) return { kind: 'unclear', path: error.path };
    throw error;
  }
};

class Unclear extends Error {
  readonly path: string;

  constructor(path: readonly (string | number)[]) {
    super('unclear');
    this.path = jsonPointer(path);
  }
}

const restore = (written: unknown, shown: unknown, real: unknown, path: readonly (string | number)[]): unknown => {
  if (shown !== undefined && isSame(written, shown)) return real;
  if (Array.isArray(written)) {
    // A list with another number of items has no item of its own behind each.
    const isAligned = Array.isArray(shown) && Array.isArray(real) && shown.length === written.length;
    const items = isAligned && real.length === shown.length ? { shown, real: real as unknown[] } : null;
    return written.map((item, i) => restore(item, items?.shown[i], items?.real[i], [...path, i]));
  }
  if (isObject(written)) {
    const [seen, behind] = isObject(shown) && isObject(real) ? [shown, real] : [{}, {}];
    return Object.fromEntries(
      Object.entries(written).map(([name, value]) => [
        name,
        restore(value, own(seen, name), own(behind, name), [...path, name]),
      ]),
    );
  }
  if (typeof written === 'string' && HIDDEN.test(written)) throw new Unclear(path);
  return written;
};

const isSame = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (object: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;
