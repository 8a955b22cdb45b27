import { AppError } from './app-error.js';
import { boundedJsonPointer } from './json-pointer.js';

/** Far above what a parsed document can hold, far below the stack. */
const MAX_DEPTH = 512;

/**
 * The one text of a JSON value (RFC 8785, JCS): members sorted by UTF-16 code units, no white space, numbers and
 * strings as ECMAScript writes them. Two values have the same text exactly when they are the same JSON value; Unicode
 * is not normalised. Members that are `undefined` are left out; of a class instance its own enumerable fields count.
 *
 * Narrower than the RFC in one point: a number at or beyond 2^53 is refused, because other readers of the same text
 * may hold a different integer.
 *
 * @throws AppError `json.not_canonical`, located, for whatever has no such text: `undefined` (alone or in an array),
 * functions, symbols, bigints, NaN, infinities, unsafe integers, lone surrogates, cycles, more than 512 levels, and
 * objects that are not plain data (dates, maps, buffers, anything with `toJSON`).
 */
export const canonicalJson = (value: unknown): string => write(value, [], new Set());

type Path = (string | number)[];

const refuse = (path: Path, reason: string): never => {
  throw new AppError('json.not_canonical', `The value has no canonical JSON: ${reason}.`, {
    details: { errors: [{ path: boundedJsonPointer(path), message: reason }] },
  });
};

function write(value: unknown, path: Path, open: Set<object>): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return writeString(value, path);
  if (typeof value === 'number') return writeNumber(value, path);
  if (typeof value !== 'object') return refuse(path, `${typeof value} is not a JSON value`);
  if (open.has(value)) return refuse(path, 'the value contains itself');
  if (open.size === MAX_DEPTH) return refuse(path, `nested deeper than ${MAX_DEPTH} levels`);
  open.add(value);
  const text = Array.isArray(value) ? writeArray(value, path, open) : writeObject(value, path, open);
  open.delete(value);
  return text;
}

function writeString(text: string, path: Path): string {
  return text.isWellFormed() ? JSON.stringify(text) : refuse(path, 'lone surrogate in a string');
}

function writeNumber(number: number, path: Path): string {
  if (!Number.isFinite(number)) return refuse(path, `${number} is not a JSON number`);
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) return refuse(path, 'the number is outside ±(2^53-1)');
  return String(number);
}

function writeArray(array: unknown[], path: Path, open: Set<object>): string {
  const items: string[] = [];
  for (let index = 0; index < array.length; index += 1) {
    path.push(index);
    items.push(write(array[index], path, open));
    path.pop();
  }
  return `[${items.join(',')}]`;
}

function writeObject(object: object, path: Path, open: Set<object>): string {
  // The tag sees dates, maps, errors and buffers of every realm; a prototype comparison would not.
  if (Object.prototype.toString.call(object) !== '[object Object]' || 'toJSON' in object) {
    return refuse(path, 'the object is not plain data');
  }
  const members: string[] = [];
  // The default sort compares UTF-16 code units, as RFC 8785, section 3.2.3 demands.
  for (const name of Object.keys(object).sort()) {
    const value = (object as Record<string, unknown>)[name];
    if (value === undefined) continue;
    path.push(name);
    members.push(`${writeString(name, path)}:${write(value, path, open)}`);
    path.pop();
  }
  return `{${members.join(',')}}`;
}
