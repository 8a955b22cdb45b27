import type { Environment } from '@marcbachmann/cel-js';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { LocatedProblem } from '#kernel';
import { hash7 } from '../analysis/hash.rules.js';
import type { Severity } from '../assessment/assessment.types.js';
import { specInvalid } from './spec.errors.js';
import { specVocabulary } from './spec.vocabulary.js';
import type { CompiledSpec, CompiledSpecs, Condition, Keys, SpecExample, SpecRule, TraceEvent } from './spec.types.js';

/** One file of `specs/`. */
export interface SpecSource {
  name: string;
  text: string;
}

const MAX_SPECS = 48;
const MAX_TIMES = 20;
const MAX_STEPS = 1_000;
/** Characters of JSON all automata together may take; the analyser's state has 16 KiB in all. */
const STATE_BUDGET = 5_000;
const MAX_CAPACITY = 256;
const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical'];
const RULE_KEYS: Record<string, readonly string[] | undefined> = {
  always: ['when', 'holds'],
  before: ['act', 'requires', 'key', 'required_key', 'covers'],
  after: ['seen', 'never', 'until'],
  at_most: ['times', 'of', 'key'],
  within: ['steps', 'trigger', 'expect', 'key'],
};
const SPEC_KEYS = ['id', 'version', 'severity', 'sentence', 'rule', 'examples'];

/**
 * Compiles spec files. Every problem of every file is collected before it throws.
 * @throws AppError `spec.invalid` with `details.errors[{path: "<file>#<pointer>", message: "… (line l, column c)"}]`
 */
export function compileSpecs(sources: readonly SpecSource[]): CompiledSpecs {
  const vocabulary = specVocabulary();
  const problems: LocatedProblem[] = [];
  const specs = sources.flatMap((source) => new SpecReader(source, vocabulary, problems).read() ?? []);
  const ids = new Set<string>();
  for (const { id } of specs) {
    if (ids.has(id)) problems.push({ path: `#/id`, message: `two specs are called ${id}` });
    ids.add(id);
  }
  if (specs.length > MAX_SPECS)
    problems.push({ path: '', message: `at most ${MAX_SPECS} specs, found ${specs.length}` });
  if (problems.length > 0) throw specInvalid(problems);
  return { specs: shareBudget(specs) };
}

/** Divides the state budget over the specs that remember something. */
function shareBudget(specs: CompiledSpec[]): CompiledSpec[] {
  const remembering = specs.filter(({ rule }) => entrySize(rule) > 0).length;
  const share = STATE_BUDGET / Math.max(1, remembering) - 40;
  return specs.map((spec) => {
    const size = entrySize(spec.rule);
    return { ...spec, capacity: size === 0 ? 0 : Math.max(2, Math.min(MAX_CAPACITY, Math.floor(share / size))) };
  });
}

/** Characters of JSON one remembered key takes at most. */
function entrySize(rule: SpecRule): number {
  if (rule.kind === 'before') return 7;
  if (rule.kind === 'at_most') return 16 + 6 * rule.times;
  if (rule.kind === 'within') return 20;
  return 0;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class SpecReader {
  private readonly lines = new LineCounter();
  private readonly document: Document;

  constructor(
    private readonly source: SpecSource,
    private readonly vocabulary: Environment,
    private readonly problems: LocatedProblem[],
  ) {
    this.document = parseDocument(source.text, { lineCounter: this.lines, uniqueKeys: true, prettyErrors: false });
  }

  read(): CompiledSpec | undefined {
    const before = this.problems.length;
    for (const error of this.document.errors) this.problem([], error.message, error.pos[0]);
    if (this.problems.length > before) return undefined;
    const value: unknown = this.document.toJS({ maxAliasCount: 0 });
    if (!isFields(value)) return this.problem([], 'a spec is a mapping');
    this.knownKeys(value, SPEC_KEYS, []);
    const id = this.text(value, 'id', []);
    if (id !== '' && !/^[a-z][a-z0-9-]{1,63}$/.test(id))
      this.problem(['id'], 'lower-case letters, digits and hyphens, at most 64');
    const version = this.whole(value, 'version', [], 1, 1_000_000);
    const severity = SEVERITIES.find((name) => name === value.severity);
    if (severity === undefined) this.problem(['severity'], `one of ${SEVERITIES.join(', ')}`);
    const sentence = this.text(value, 'sentence', []);
    const rule = this.rule(value.rule);
    const examples = this.examples(value.examples);
    if (this.problems.length > before || !rule || !severity) return undefined;
    return { id, version, severity, sentence, rule, examples, slot: hash7(`${id}@${version}`), capacity: 0 };
  }

  private rule(value: unknown): SpecRule | undefined {
    if (!isFields(value) || Object.keys(value).length !== 1)
      return this.problem(['rule'], 'exactly one of never, always, before, after, at_most, within');
    const [[kind, body]] = Object.entries(value) as [[string, unknown]];
    const at = ['rule', kind];
    if (kind === 'never') return { kind, match: this.condition(value, kind, ['rule']) };
    const shape = Object.hasOwn(RULE_KEYS, kind) ? RULE_KEYS[kind] : undefined;
    if (!shape) return this.problem(at, 'no such rule; one of never, always, before, after, at_most, within');
    if (!isFields(body)) return this.problem(at, `a mapping with ${shape.join(', ')}`);
    this.knownKeys(body, shape, at);
    switch (kind) {
      case 'always':
        return {
          kind,
          when: body.when === undefined ? () => true : this.condition(body, 'when', at),
          holds: this.condition(body, 'holds', at),
        };
      case 'before': {
        if (body.covers !== undefined && body.covers !== 'exact' && body.covers !== 'ancestors')
          this.problem([...at, 'covers'], 'exact or ancestors');
        const key = this.keys(body, 'key', at);
        const requiredKey = body.required_key === undefined ? key : this.keys(body, 'required_key', at);
        return {
          kind,
          act: this.condition(body, 'act', at),
          requires: this.condition(body, 'requires', at),
          key,
          requiredKey,
          ancestors: body.covers === 'ancestors',
        };
      }
      case 'after':
        return {
          kind,
          seen: this.condition(body, 'seen', at),
          never: this.condition(body, 'never', at),
          until: body.until === undefined ? null : this.condition(body, 'until', at),
        };
      case 'at_most':
        return {
          kind,
          times: this.whole(body, 'times', at, 0, MAX_TIMES),
          of: this.condition(body, 'of', at),
          key: this.keys(body, 'key', at),
        };
      case 'within':
        return {
          kind,
          steps: this.whole(body, 'steps', at, 0, MAX_STEPS),
          trigger: this.condition(body, 'trigger', at),
          expect: this.condition(body, 'expect', at),
          key: this.keys(body, 'key', at),
        };
      default:
        return undefined;
    }
  }

  private condition(holder: Fields, key: string, at: string[]): Condition {
    const run = this.expression(holder, key, at, 'bool');
    return (event) => run(event) === true;
  }

  private keys(holder: Fields, key: string, at: string[]): Keys | null {
    if (holder[key] === undefined) return null;
    const run = this.expression(holder, key, at, 'list<string>');
    return (event) => (run(event) as unknown[]).map(String);
  }

  private expression(
    holder: Fields,
    key: string,
    at: string[],
    type: 'bool' | 'list<string>',
  ): (event: TraceEvent) => unknown {
    const text = this.text(holder, key, at);
    if (text === '') return () => undefined;
    try {
      const program = this.vocabulary.parse(text);
      const checked = program.check();
      if (!checked.valid) this.problem([...at, key], summary(checked.error));
      else if (checked.type !== type && checked.type !== 'dyn')
        this.problem([...at, key], `gives ${checked.type}, needs ${type}`);
      return (event) => program(event as unknown as Record<string, unknown>);
    } catch (error) {
      this.problem([...at, key], summary(error));
      return () => undefined;
    }
  }

  private examples(value: unknown): SpecExample[] {
    if (!Array.isArray(value)) return this.problem(['examples'], 'a list') ?? [];
    const examples = value.flatMap((item: unknown, index): SpecExample[] => {
      const at = ['examples', String(index)];
      if (!isFields(item)) return this.problem(at, 'a mapping with name, violates, trace') ?? [];
      this.knownKeys(item, ['name', 'violates', 'trace'], at);
      const name = this.text(item, 'name', at);
      if (typeof item.violates !== 'boolean') return this.problem([...at, 'violates'], 'true or false') ?? [];
      if (!Array.isArray(item.trace) || item.trace.length === 0)
        return this.problem([...at, 'trace'], 'a list of steps') ?? [];
      return [{ name, violates: item.violates, trace: item.trace as unknown[] }];
    });
    for (const violates of [true, false])
      if (!examples.some((example) => example.violates === violates))
        this.problem(['examples'], `at least one example with violates: ${violates}`);
    return examples;
  }

  private text(holder: Fields, key: string, at: string[]): string {
    const value = holder[key];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    this.problem([...at, key], 'a text that is not empty');
    return '';
  }

  private whole(holder: Fields, key: string, at: string[], least: number, most: number): number {
    const value = holder[key];
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    this.problem([...at, key], `a whole number from ${least} to ${most}`);
    return least;
  }

  private knownKeys(value: Fields, known: readonly string[], at: string[]): void {
    for (const key of Object.keys(value))
      if (!known.includes(key)) this.problem([...at, key], `unknown key; known are ${known.join(', ')}`);
  }

  private problem(path: string[], message: string, offset = this.offsetOf(path)): undefined {
    const { line, col } = this.lines.linePos(offset);
    this.problems.push({
      path: `${this.source.name}#${path.map((part) => `/${part}`).join('')}`,
      message: `${message} (line ${line}, column ${col})`,
    });
  }

  /** Of the deepest part of the path that exists; of a key rather than its value, so that an unknown key is shown itself. */
  private offsetOf(path: string[]): number {
    for (let length = path.length; length > 0; length--) {
      const parent: unknown =
        length === 1 ? this.document.contents : this.document.getIn(path.slice(0, length - 1).map(segment), true);
      const name = path[length - 1]!;
      const pair = isMap(parent)
        ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === name)
        : undefined;
      if (pair && isScalar(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    return 0;
  }
}

const segment = (part: string): string | number => (/^\d+$/.test(part) ? Number(part) : part);

function summary(error: unknown): string {
  if (error instanceof Error && 'summary' in error && typeof error.summary === 'string') {
    const start = 'range' in error && isFields(error.range) ? error.range.start : undefined;
    return `${error.summary}${typeof start === 'number' ? ` at character ${start + 1} of the expression` : ''}`;
  }
  return error instanceof Error ? error.message : String(error);
}
