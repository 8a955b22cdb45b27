import type { JsonValue } from '#kernel';
import { Environment, EvaluationError, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import { instrument, Meter } from './meter.rules.js';
import type { InputDeclaration, InputType } from './playbook.types.js';
import { referenceProblems, type ReferenceProblem, type Visible } from './references.rules.js';
import { fromCel, ResultBudget, toText, type CelValue } from './value.rules.js';

export const MAX_EXPRESSION_LENGTH = 4096;

const celTypes: Record<InputType, string> = {
  string: 'string',
  integer: 'int',
  number: 'double',
  boolean: 'bool',
  list: 'list<dyn>',
  map: 'map<string, dyn>',
};

/** The expression language of one playbook: its inputs are typed, what tools answer is not (`dyn`). */
export function languageFor(inputs: Record<string, InputDeclaration>): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 1000, maxDepth: 32, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 8 },
  });
  const typed = Object.entries(inputs).map(([name, input]) => {
    const always = input.required || input.default !== undefined;
    return [name, always ? celTypes[input.type] : 'dyn'];
  });
  return environment
    .registerVariable('inputs', { schema: Object.fromEntries(typed) })
    .registerVariable('steps', 'map<string, dyn>')
    .registerVariable('item', 'dyn')
    .registerVariable('index', 'int');
}

/** A text is literal pieces and `${{ expressions }}`, in order. `offset` counts from the start of the text. */
export type Piece = { kind: 'literal'; text: string } | { kind: 'expression'; text: string; offset: number };

export type Template = { ok: true; pieces: Piece[] } | { ok: false; offset: number; message: string };

export const holdsExpression = (text: string): boolean => text.includes('${{');

/** Splits a text. An expression ends at the first `}}` outside its quotes and braces. */
export function splitTemplate(text: string): Template {
  const pieces: Piece[] = [];
  let from = 0;
  for (let open = text.indexOf('${{'); open >= 0; open = text.indexOf('${{', from)) {
    const close = endOfExpression(text, open + 3);
    if (close < 0) return { ok: false, offset: open, message: 'this "${{" has no closing "}}"' };
    if (open > from) pieces.push({ kind: 'literal', text: text.slice(from, open) });
    pieces.push({ kind: 'expression', text: text.slice(open + 3, close), offset: open + 3 });
    from = close + 2;
  }
  if (from < text.length) pieces.push({ kind: 'literal', text: text.slice(from) });
  return { ok: true, pieces };
}

function endOfExpression(text: string, start: number): number {
  let braces = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === '"' || character === "'") {
      i = endOfQuotes(text, i, character);
      if (i < 0) return -1;
    } else if (character === '{') braces++;
    else if (character === '}' && braces > 0) braces--;
    else if (character === '}' && text[i + 1] === '}') return i;
  }
  return -1;
}

/** The index of the last character of a quoted text, or -1. As in the language's own reader, a backslash hides a quote even in r'…'. */
function endOfQuotes(text: string, open: number, quote: string): number {
  const fence = text.startsWith(quote.repeat(3), open) ? quote.repeat(3) : quote;
  for (let i = open + fence.length; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text.startsWith(fence, i)) return i + fence.length - 1;
  }
  return -1;
}

/** What an expression's place asks of its value; `any` is JSON data of any kind. */
export type Wanted = 'any' | 'bool' | 'list';

/** What is wrong with one expression before it ever runs; `offset` counts from the start of its text. */
export function expressionProblems(
  environment: Environment,
  text: string,
  visible: Visible,
  wanted: Wanted,
): ReferenceProblem[] {
  if (text.trim() === '') return [{ offset: 0, message: 'the expression is empty' }];
  if (text.length > MAX_EXPRESSION_LENGTH) {
    return [{ offset: 0, message: `an expression has at most ${MAX_EXPRESSION_LENGTH} characters` }];
  }
  try {
    const parsed = environment.parse(text);
    const references = referenceProblems(parsed.ast, visible);
    if (references.length > 0) return references;
    const checked = parsed.check();
    if (!checked.valid) return [celProblem(checked.error)];
    const type = checked.type ?? 'dyn';
    const fits = wanted === 'any' || type === 'dyn' || type === wanted || type.startsWith(`${wanted}<`);
    return fits ? [] : [{ offset: 0, message: `the expression must yield a ${wanted}, this one yields ${type}` }];
  } catch (error) {
    return [celProblem(error)];
  }
}

function celProblem(error: unknown): ReferenceProblem {
  return {
    offset: error instanceof ParseError || error instanceof CelTypeError ? (error.range?.start ?? 0) : 0,
    message: reason(error),
  };
}

/** A sentence without the library's source excerpt: it may quote data that must not leave the run. */
export function reason(error: unknown): string {
  if (error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError) {
    return error.summary.slice(0, 200);
  }
  return error instanceof RangeError
    ? 'the expression is nested too deeply or its text grows too long'
    : String((error as Error).message ?? error).slice(0, 200);
}

/** The values an expression sees while a step is prepared. */
export interface Scope {
  inputs: Map<string, CelValue>;
  steps: Map<string, CelValue>;
  item?: CelValue;
  index?: bigint;
}

/** Evaluates the texts of one step: everything rendered with one Renderer shares one allowance of work and of size. */
export class Renderer {
  private readonly meter = new Meter();
  private readonly budget = new ResultBudget();

  constructor(private readonly environment: Environment) {}

  /** A text that is one expression yields its typed value; any other mixture yields text. Throws what `reason` explains. */
  text(text: string, scope: Scope): JsonValue {
    this.budget.spend(text.length);
    if (!holdsExpression(text)) return text;
    const template = splitTemplate(text);
    if (!template.ok) throw new Error(template.message);
    const values = template.pieces.map((piece) =>
      piece.kind === 'literal' ? piece.text : this.evaluate(piece.text, scope),
    );
    return values.length === 1 ? values[0]! : values.map(toText).join('');
  }

  private evaluate(text: string, scope: Scope): JsonValue {
    // Parsed afresh: the meter is built into the nodes of this one evaluation.
    const parsed = this.environment.parse(text);
    const before = this.meter.spent;
    instrument(parsed.ast, this.meter);
    const value: unknown = parsed({ item: null, index: 0n, ...scope });
    // `||` and `exists` swallow the meter's refusal on their way to a result.
    this.meter.check();
    if (this.meter.spent === before) throw new Error('the expression could not be metered');
    return fromCel(value, this.budget);
  }
}
