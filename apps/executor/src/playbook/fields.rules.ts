import { type Problems, quoted, suggestion } from './problems.rules.js';
import type { ListNode, MapNode, SourceNode } from './source.rules.js';

/** The keys one kind of map may have; `later` ones belong to the language's design and are refused by name. */
export interface Vocabulary {
  /** What the map is, for messages: `a step`. */
  noun: string;
  known: readonly string[];
  required?: readonly string[];
  later?: readonly string[];
}

export const vocabularies = {
  playbook: {
    noun: 'a playbook',
    known: ['apiVersion', 'name', 'description', 'inputs', 'defaults', 'steps', 'on_failure', 'guide'],
    required: ['apiVersion', 'name', 'steps'],
    later: ['on', 'concurrency', 'htm', 'compliance', 'always'],
  },
  defaults: { noun: 'defaults', known: ['timeout'], later: ['retry'] },
  guide: { noun: 'a guide', known: ['purpose', 'troubleshooting', 'rollback'] },
  input: { noun: 'an input', known: ['type', 'default', 'required', 'description'], required: ['type'] },
  step: {
    noun: 'a step',
    known: ['id', 'name', 'uses', 'with', 'if', 'for_each', 'max', 'outputs', 'expect', 'on_failure', 'timeout'],
    required: ['id', 'uses'],
    later: ['approval', 'wait', 'parallel', 'needs', 'retry', 'effects', 'idempotency_key', 'rollback', 'always'],
  },
  expect: {
    noun: 'expect',
    known: ['created', 'modified', 'deleted', 'must', 'forbidden', 'exit_codes'],
    later: ['preconditions', 'probes', 'deadlines'],
  },
  must: { noun: 'must', known: ['created', 'modified', 'deleted'] },
} as const satisfies Record<string, Vocabulary>;

export const MAX_TEXT = 4096;
/** Identifiers are written as `steps.<id>` in expressions, so they are words of the expression language. */
export const identifier = /^[a-z][a-z0-9_]{0,63}$/;
export const identifierRule = 'lower-case letters, digits and "_", starting with a letter, at most 64';

/** Reads typed fields of a source map; each reader answers undefined after it said what is wrong. */
export class Fields {
  constructor(
    readonly problems: Problems,
    readonly node: MapNode,
    vocabulary: Vocabulary,
  ) {
    for (const [key, { keyStart }] of node.entries) {
      if (vocabulary.known.includes(key)) continue;
      const message = vocabulary.later?.includes(key)
        ? `${quoted(key)} is not supported yet`
        : `unknown key ${quoted(key)}${suggestion(key, vocabulary.known)}`;
      problems.add([...node.path, key], keyStart, message);
    }
    for (const key of vocabulary.required ?? []) {
      if (!node.entries.has(key)) problems.add(node.path, node.start, `${vocabulary.noun} needs "${key}"`);
    }
  }

  get(key: string): SourceNode | undefined {
    return this.node.entries.get(key)?.value;
  }

  refuse(node: SourceNode, message: string): undefined {
    this.problems.add(node.path, node.start, message);
  }

  map(key: string): MapNode | undefined {
    const node = this.get(key);
    if (!node) return undefined;
    return node.kind === 'map' ? node : this.refuse(node, `"${key}" must be a map`);
  }

  list(key: string): ListNode | undefined {
    const node = this.get(key);
    if (!node) return undefined;
    return node.kind === 'list' ? node : this.refuse(node, `"${key}" must be a list`);
  }

  /** Literal text without expressions; control characters other than line ends and tabs are refused. */
  text(key: string): string | undefined {
    const node = this.get(key);
    return node && this.textOf(node, `"${key}"`);
  }

  textOf(node: SourceNode, what: string): string | undefined {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') return this.refuse(node, `${what} must be text`);
    if (node.value.trim() === '') return this.refuse(node, `${what} must not be empty`);
    if (node.value.length > MAX_TEXT) return this.refuse(node, `${what} has at most ${MAX_TEXT} characters`);

    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(node.value)) {
      return this.refuse(node, `${what} must not hold control characters`);
    }
    if (node.value.includes('${{')) return this.refuse(node, `${what} must not hold an expression`);
    return node.value;
  }

  texts(key: string): string[] | undefined {
    return this.list(key)?.items.flatMap((item) => this.textOf(item, `an entry of "${key}"`) ?? []);
  }

  integer(key: string, min: number, max: number): number | undefined {
    const node = this.get(key);
    return node && this.integerOf(node, `"${key}"`, min, max);
  }

  integerOf(node: SourceNode, what: string, min: number, max: number): number | undefined {
    const value = node.kind === 'scalar' ? node.value : undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    return this.refuse(node, `${what} must be an integer from ${min} to ${max}`);
  }

  boolean(key: string): boolean | undefined {
    const node = this.get(key);
    if (!node) return undefined;
    return node.kind === 'scalar' && typeof node.value === 'boolean'
      ? node.value
      : this.refuse(node, `"${key}" must be true or false`);
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const node = this.get(key);
    if (!node) return undefined;
    const value = node.kind === 'scalar' ? node.value : undefined;
    const choice = choices.find((candidate) => candidate === value);
    return choice ?? this.refuse(node, `"${key}" must be one of ${choices.join(', ')}`);
  }

  /** `250ms`, `30s`, `5m`, at most ten minutes, as the tools allow; in milliseconds. */
  duration(key: string): number | undefined {
    const node = this.get(key);
    if (!node) return undefined;
    const match = node.kind === 'scalar' && typeof node.value === 'string' && /^(\d{1,6})(ms|s|m)$/.exec(node.value);
    const ms = match ? Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] : 0;
    return ms >= 1 && ms <= 10 * unitMs.m
      ? ms
      : this.refuse(node, `"${key}" must be a duration such as 250ms, 30s or 5m, at most 10m`);
  }
}

const unitMs = { ms: 1, s: 1000, m: 60_000 };
