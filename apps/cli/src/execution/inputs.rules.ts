import { InvalidUse } from '../output/use.errors.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** JSON where it reads as JSON and nothing is lost by it, else the text itself. */
const valueOf = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' && !Number.isSafeInteger(value) && !/[.eE]/.test(text) ? text : value;
  } catch {
    return text;
  }
};

/**
 * `name=value` texts as a playbook's inputs.
 * @throws InvalidUse
 */
export const parseInputs = (texts: readonly string[]): Record<string, unknown> => {
  const inputs = new Map<string, unknown>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(at, 0));
    if (!NAME.test(name)) throw new InvalidUse(`--input takes <name>=<value>, and "${text}" is none.`);
    if (inputs.has(name)) throw new InvalidUse(`--input ${name} is given twice.`);
    inputs.set(name, valueOf(text.slice(at + 1)));
  }
  return Object.fromEntries(inputs);
};
