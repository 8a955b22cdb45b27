import type { JsonValue } from '#kernel';
import { isAlias, isCollection, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import type { Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import { Problems, quoted, type Path } from './problems.rules.js';

export const MAX_SOURCE_BYTES = 256 * 1024;
export const MAX_DEPTH = 64;
/** A full-sized playbook of ordinary lines has about 80,000; text made of nothing but punctuation costs the parser seconds. */
const MAX_TOKENS = 100_000;

interface Located {
  path: Path;
  /** UTF-16 code units from the start of the source. */
  start: number;
  end: number;
}

export interface MapNode extends Located {
  kind: 'map';
  entries: Map<string, { value: SourceNode; keyStart: number }>;
}

export interface ListNode extends Located {
  kind: 'list';
  items: SourceNode[];
}

export interface ScalarNode extends Located {
  kind: 'scalar';
  value: string | number | boolean | null;
}

/** A YAML document as JSON data in which every value still knows where it was written. */
export type SourceNode = MapNode | ListNode | ScalarNode;

/**
 * The JSON value of one YAML 1.2 document (core schema), or null when `problems` says why there is none. Aliases,
 * anchors, tags and directives are refused: a playbook says everything once and plainly, and without aliases the value is
 * never larger than its source.
 */
export function readSource(source: string): { root: SourceNode | null; problems: Problems } {
  const lines = new LineCounter();
  const problems = new Problems((offset) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), col: Math.max(col, 1) };
  });
  const tooMuch = refuseBySize(source);
  if (tooMuch) {
    problems.add([], 0, tooMuch);
    return { root: null, problems };
  }
  const document = parseDocument(source, {
    version: '1.2',
    strict: true,
    // The walk below finds duplicates in linear time and says where the first one is.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  for (const error of document.errors) problems.add([], error.pos[0], yamlMessage(error));
  if (document.directives?.yaml.explicit || document.warnings.length > 0) {
    problems.add([], 0, 'YAML directives and tags are not supported');
  }
  if (problems.any) return { root: null, problems };
  return { root: read(document.contents, [], 0, problems), problems };
}

/** What a text is refused for before the parser spends time on it; undefined when nothing. */
function refuseBySize(source: string): string | undefined {
  if (Buffer.byteLength(source) > MAX_SOURCE_BYTES) return `a playbook has at most ${MAX_SOURCE_BYTES} bytes`;
  if (!source.isWellFormed()) return 'the text is not valid Unicode (a lone surrogate)';
  let tokens = 0;
  let depth = 0;
  for (const token of new Lexer().lex(source)) {
    if (++tokens > MAX_TOKENS) return `a playbook has at most ${MAX_TOKENS} YAML tokens`;
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > MAX_DEPTH) return tooDeep;
  }
  return undefined;
}

const tooDeep = `values may be nested at most ${MAX_DEPTH} deep`;

const yamlMessage = (error: { code: string; message: string }): string => {
  if (error.code === 'RESOURCE_EXHAUSTION') return tooDeep;
  if (error.code === 'MULTIPLE_DOCS') return 'a playbook file holds exactly one YAML document';
  return `not valid YAML: ${error.message.slice(0, 200)}`;
};

function read(node: Node | null, path: Path, at: number, problems: Problems): SourceNode | null {
  const [start, end] = node?.range ?? [at, at];
  const refuse = (message: string) => (problems.add(path, start, message), null);
  if (path.length > MAX_DEPTH) return refuse(tooDeep);
  if (node === null) return { kind: 'scalar', value: null, path, start, end };
  if (isAlias(node)) return refuse('YAML aliases are not supported');
  if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
    return refuse('YAML anchors are not supported');
  }
  if (node.tag !== undefined) return refuse('YAML tags are not supported');
  if (isMap(node)) return readMap(node, path, { start, end }, problems);
  if (isSeq(node)) return readList(node, path, { start, end }, problems);
  const value: unknown = isScalar(node) ? node.value : undefined;
  if (typeof value === 'number' && !Number.isFinite(value)) return refuse('a number must be finite');
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return refuse('an integer must lie within ±9007199254740991; write larger ones as text');
  }
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'scalar', value, path, start, end };
  }
  return refuse('this kind of value is not supported');
}

function readMap(node: YAMLMap, path: Path, range: { start: number; end: number }, problems: Problems): MapNode {
  const entries: MapNode['entries'] = new Map();
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    const [keyStart, keyEnd] = pair.key?.range ?? [range.start, range.start];
    const key = isScalar(pair.key) && !pair.key.anchor && !pair.key.tag ? pair.key.value : undefined;
    if (typeof key !== 'string') {
      problems.add(path, keyStart, 'a key must be plain text');
      continue;
    }
    const first = entries.get(key);
    if (first) {
      problems.add(
        [...path, key],
        keyStart,
        `duplicate key ${quoted(key)}, first at ${problems.position(first.keyStart)}`,
      );
    } else if (key === '__proto__') {
      problems.add(path, keyStart, 'the key "__proto__" is not allowed');
    } else {
      const value = read(pair.value, [...path, key], keyEnd, problems);
      if (value) entries.set(key, { value, keyStart });
    }
  }
  return { kind: 'map', entries, path, ...range };
}

function readList(node: YAMLSeq, path: Path, range: { start: number; end: number }, problems: Problems): ListNode {
  const items = (node.items as (Node | null)[]).flatMap((item, i) => {
    const value = read(item, [...path, i], range.start, problems);
    return value ? [value] : [];
  });
  return { kind: 'list', items, path, ...range };
}

/** The plain JSON value of a node. */
export function toJson(node: SourceNode): JsonValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toJson);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toJson(value)]));
}

/** Every scalar below a node, itself included. */
export function* scalars(node: SourceNode): Generator<ScalarNode> {
  if (node.kind === 'scalar') yield node;
  else if (node.kind === 'list') for (const item of node.items) yield* scalars(item);
  else for (const { value } of node.entries.values()) yield* scalars(value);
}
