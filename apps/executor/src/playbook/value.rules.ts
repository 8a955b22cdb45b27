import type { JsonValue } from '#kernel';

/** Characters and values one rendered step may hold, all its actions together. */
export const MAX_RESULT_SIZE = 1024 * 1024;
/** Deeper data than this never comes from JSON the suite accepted. */
const MAX_VALUE_DEPTH = 64;

/** A value of the expression language: integers are BigInt, objects are Maps (so that no member name is special). */
export type CelValue = null | boolean | bigint | number | string | CelValue[] | Map<string, CelValue>;

/** JSON data for use in an expression. Safe integers become CEL `int`, other numbers `double`; absent data is null. */
export function toCel(value: unknown, depth = 0): CelValue {
  if (depth > MAX_VALUE_DEPTH) throw new Error(`the data is nested more than ${MAX_VALUE_DEPTH} deep`);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  // A list of this realm, whatever realm the data comes from: the library tells lists by their constructor.
  if (Array.isArray(value)) return Array.from(value, (item) => toCel(item, depth + 1));
  if (typeof value !== 'object' || value === null) return null;
  const members = value instanceof Map ? [...value] : Object.entries(value);
  return new Map(members.map(([key, member]) => [String(key), toCel(member, depth + 1)]));
}

/** How much an expression may still produce; shared by everything that is rendered for one step. */
export class ResultBudget {
  private left = MAX_RESULT_SIZE;

  spend(amount: number): void {
    this.left -= amount;
    if (this.left < 0) throw new Error(`the results of one step exceed ${MAX_RESULT_SIZE} characters`);
  }
}

/** An expression's result as JSON data. Throws for what JSON cannot say: unsafe integers, NaN, bytes, times, types. */
export function fromCel(value: unknown, budget: ResultBudget): JsonValue {
  budget.spend(1);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    budget.spend(value.length);
    return value;
  }
  if (typeof value === 'bigint') {
    if (Number.isSafeInteger(Number(value))) return Number(value);
    throw new Error(`the integer ${value} is outside ±9007199254740991`);
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new Error(`the result is not a finite number: ${value}`);
  }
  if (Array.isArray(value)) return value.map((item) => fromCel(item, budget));
  const members = objectMembers(value);
  if (!members) throw new Error('the result is not text, a number, true, false, null, a list or a map');
  return Object.fromEntries(
    members.map(([key, member]) => {
      if (typeof key !== 'string' || key === '__proto__') throw new Error('a map needs plain text keys');
      budget.spend(key.length);
      return [key, fromCel(member, budget)];
    }),
  );
}

function objectMembers(value: unknown): [unknown, unknown][] | undefined {
  if (value instanceof Map) return [...value];
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.entries(value);
  }
  return undefined;
}

/** A value inside a longer text: text as it is, null as nothing, lists and maps as JSON. */
export function toText(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
