import { boundedJsonPointer, type JsonValue, type LocatedProblem } from '#kernel';
import { playbookInputsInvalid } from './playbook.errors.js';
import type { InputDeclaration, InputType, Playbook } from './playbook.types.js';
import { MAX_PROBLEMS, quoted, suggestion } from './problems.rules.js';
import { toCel, type CelValue } from './value.rules.js';

const MAX_INPUT_DEPTH = 32;
/** Characters and values of one list or map; the same order as a whole playbook file. */
const MAX_INPUT_SIZE = 256 * 1024;

const fits: Record<InputType, { rule: string; test: (value: unknown) => boolean }> = {
  string: { rule: 'must be text', test: (value) => typeof value === 'string' && value.isWellFormed() },
  integer: { rule: 'must be an integer within ±9007199254740991', test: Number.isSafeInteger },
  number: { rule: 'must be a finite number', test: Number.isFinite },
  boolean: { rule: 'must be true or false', test: (value) => typeof value === 'boolean' },
  list: { rule: 'must be a list', test: Array.isArray },
  map: { rule: 'must be a map', test: (value) => isPlainObject(value) },
};

const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/** Why a value cannot be an input of this type (`must be text`), or undefined. */
export function valueProblem(type: InputType, value: unknown): string | undefined {
  if (!fits[type].test(value)) return fits[type].rule;
  const size = { left: MAX_INPUT_SIZE };
  return jsonProblem(value, 0, size);
}

function jsonProblem(value: unknown, depth: number, size: { left: number }): string | undefined {
  size.left -= typeof value === 'string' ? value.length + 1 : 1;
  if (size.left < 0) return `must have at most ${MAX_INPUT_SIZE} characters`;
  if (depth > MAX_INPUT_DEPTH) return `must be nested at most ${MAX_INPUT_DEPTH} deep`;
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'must be valid Unicode';
  if (typeof value === 'number') {
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
      ? undefined
      : 'must hold finite numbers and safe integers only';
  }
  if (!Array.isArray(value) && !isPlainObject(value)) return 'must be JSON data';
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') return 'must not hold the key "__proto__"';
    size.left -= Array.isArray(value) ? 0 : key.length;
    const problem = jsonProblem(member, depth + 1, size);
    if (problem) return problem;
  }
  return undefined;
}

/**
 * The values a run of this playbook works with: the given ones, else the defaults, else null.
 * Throws `playbook.inputs_invalid`, each problem located at `/inputs/<name>`.
 */
export function bindInputs(playbook: Playbook, given: unknown): Record<string, JsonValue> {
  const errors: LocatedProblem[] = [];
  const refuse = (name: string | null, message: string) =>
    errors.push({ path: boundedJsonPointer(name === null ? ['inputs'] : ['inputs', name]), message });
  if (given !== undefined && !isPlainObject(given)) {
    refuse(null, 'inputs must be a map');
    throw playbookInputsInvalid(errors);
  }
  const declared = Object.keys(playbook.inputs);
  for (const name of Object.keys(given ?? {})) {
    if (!Object.hasOwn(playbook.inputs, name)) {
      refuse(name, `the playbook has no input ${quoted(name)}${suggestion(name, declared)}`);
    }
  }
  const bound = Object.entries(playbook.inputs).map(([name, declaration]): [string, JsonValue] => {
    const value = given && Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) {
      if (declaration.required) refuse(name, `the input "${name}" is required`);
      return [name, declaration.default ?? null];
    }
    const problem = valueProblem(declaration.type, value);
    if (problem) refuse(name, `the input "${name}" ${problem}`);
    return [name, problem ? null : (structuredClone(value) as JsonValue)];
  });
  if (errors.length > 0) throw playbookInputsInvalid(errors.slice(0, MAX_PROBLEMS));
  return Object.fromEntries(bound);
}

/** Bound inputs as the expressions see them: a `number` stays a double even when it happens to be whole. */
export function inputsToCel(
  declarations: Record<string, InputDeclaration>,
  inputs: Record<string, unknown>,
): Map<string, CelValue> {
  return new Map(
    Object.entries(declarations).map(([name, { type }]) => {
      const value = inputs[name] ?? null;
      return [name, type === 'number' && typeof value === 'number' ? value : toCel(value)];
    }),
  );
}
