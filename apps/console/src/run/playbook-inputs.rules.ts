/** The types of the playbook language. */
export const INPUT_TYPES = ['string', 'integer', 'number', 'boolean', 'list', 'map'] as const;
export type InputType = (typeof INPUT_TYPES)[number];

export interface Declaration {
  name: string;
  type: InputType;
  required: boolean;
  description?: string;
  /** Absent: an input nobody gives is null. */
  default?: unknown;
}

/** What stands in a field: `texts` have one entry a text, everything else is one text, lists and maps as JSON. */
export type Raw = string | string[];

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const declarationOf = ([name, said]: [string, unknown]): Declaration[] => {
  if (!isMap(said)) return [];
  const type = INPUT_TYPES.find((known) => known === said['type']);
  if (!type) return [];
  return [
    {
      name,
      type,
      required: said['required'] === true,
      ...(typeof said['description'] === 'string' && { description: said['description'] }),
      ...('default' in said && { default: said['default'] }),
    },
  ];
};

/** The inputs of a parsed playbook file that its registration has already judged. */
export const declarationsOf = (file: unknown): Declaration[] => {
  const inputs = isMap(file) ? file['inputs'] : undefined;
  return isMap(inputs) ? Object.entries(inputs).flatMap(declarationOf) : [];
};

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');

/** A value as it stands in its field; lists of nothing but texts are edited one by one. */
export const rawOf = ({ type }: Pick<Declaration, 'type'>, value: unknown): Raw => {
  if (value === undefined || value === null) return '';
  if (type === 'list' && isTexts(value)) return value;
  if (type === 'list' || type === 'map') return JSON.stringify(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** What a field holds, as a value: absent when it was left empty, or why it is none. */
export type Reading = { value: unknown } | { absent: true } | { problem: string };

const numberOf = (raw: string, type: 'integer' | 'number'): Reading => {
  const value = Number(raw);
  if (type === 'number') return Number.isFinite(value) ? { value } : { problem: 'must be a number' };
  return Number.isSafeInteger(value) ? { value } : { problem: 'must be an integer within ±9007199254740991' };
};

const jsonOf = (raw: string, type: 'list' | 'map'): Reading => {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return { problem: `must be JSON: ${type === 'list' ? '["a", "b"]' : '{"name": "value"}'}` };
  }
  if (type === 'list') return Array.isArray(value) ? { value } : { problem: 'must be a list: ["a", "b"]' };
  return isMap(value) ? { value } : { problem: 'must be a map: {"name": "value"}' };
};

export const readingOf = ({ type, required, ...declaration }: Declaration, raw: Raw): Reading => {
  if (Array.isArray(raw)) return { value: raw };
  const hasDefault = 'default' in declaration;
  // An emptied text is an empty text; where there is nothing to fall back on, it was left out.
  if (type === 'string' && (raw !== '' || hasDefault)) return { value: raw };
  if (raw.trim() === '') return required ? { problem: 'is required' } : { absent: true };
  switch (type) {
    case 'integer':
    case 'number':
      return numberOf(raw.trim(), type);
    case 'boolean':
      return raw === 'true' || raw === 'false' ? { value: raw === 'true' } : { problem: 'must be true or false' };
    case 'list':
    case 'map':
      return jsonOf(raw, type);
    case 'string':
      return { absent: true };
  }
};

/** The values to send: what differs from its default. Problems by the input's name. */
export const inputsOf = (
  declarations: readonly Declaration[],
  raw: (declaration: Declaration) => Raw,
): { inputs: Record<string, unknown>; problems: Record<string, string> } => {
  const inputs: Record<string, unknown> = {};
  const problems: Record<string, string> = {};
  for (const declaration of declarations) {
    const reading = readingOf(declaration, raw(declaration));
    if ('problem' in reading) problems[declaration.name] = reading.problem;
    else if ('value' in reading && JSON.stringify(reading.value) !== JSON.stringify(declaration.default)) {
      inputs[declaration.name] = reading.value;
    }
  }
  return { inputs, problems };
};
