import { type LocatedProblem } from '#kernel';

/** How a field that arrives as text is read: `text` stays as it is. */
export type FieldKind = 'text' | 'number' | 'boolean';

type Fields = Record<string, unknown>;

/** Readers downstream drop this name without a word, so it is refused here. */
const DROPPED = 'constructor';
const NUMBER = /^-?(0|[1-9]\d{0,15})(\.\d{1,15})?$/;

/** A text from a path or query as its field's kind; what does not read as one stays a text for validation to refuse. */
export const readText = (value: unknown, kind: FieldKind): unknown => {
  if (typeof value !== 'string') return value;
  if (kind === 'number' && NUMBER.test(value)) return Number(value);
  if (kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
};

export interface Sources {
  /** What path and query hold, all texts. */
  path: Fields;
  query: Fields;
  /** The parsed body; undefined without one. */
  body: unknown;
  /** True for methods whose input comes in the body. */
  hasBody: boolean;
}

/**
 * One input from path and query, or from path and body. A field belongs to one place only: a path's field in the body,
 * or anything in the query of a request that has a body, is unknown there.
 */
export const mergeSources = (
  sources: Sources,
  kindOf: (field: string) => FieldKind,
): { input: Fields } | { problems: LocatedProblem[] } => {
  const { path, query, body, hasBody } = sources;
  const read = (texts: Fields): [string, unknown][] =>
    Object.entries(texts).map(([name, value]) => [name, readText(value, kindOf(name))]);
  const stray = (names: string[], why: (name: string) => string): LocatedProblem[] =>
    names.map((name) => ({ path: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, message: why(name) }));

  const second = hasBody ? (body ?? {}) : query;
  if (typeof second !== 'object' || second === null || Array.isArray(second)) {
    return { problems: [{ path: '', message: 'must be a JSON object' }] };
  }
  const problems = [
    ...stray(
      Object.keys(second).filter((name) => name === DROPPED || Object.hasOwn(path, name)),
      (name) => `unknown field "${name}"`,
    ),
    ...(hasBody ? stray(Object.keys(query), (name) => `unknown query parameter "${name}"`) : []),
  ];
  if (problems.length > 0) return { problems };
  return { input: Object.fromEntries([...(hasBody ? Object.entries(second) : read(second as Fields)), ...read(path)]) };
};
