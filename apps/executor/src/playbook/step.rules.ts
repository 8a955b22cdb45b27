import type { JsonValue } from '#kernel';
import type { Environment } from '@marcbachmann/cel-js';
import type { Expectation } from '../contract/contract.types.js';
import { argumentProblems, type ArgumentCheck } from './argument.rules.js';
import { expectationProblem, patternProblem } from './expectation.rules.js';
import { expressionProblems, holdsExpression, splitTemplate, type Wanted } from './expression.rules.js';
import { Fields, identifier, identifierRule, vocabularies } from './fields.rules.js';
import { failurePolicies, type FailurePolicy, type PlaybookStep } from './playbook.types.js';
import { quoted, suggestion } from './problems.rules.js';
import type { Visible, VisibleStep } from './references.rules.js';
import { scalars, toJson, type MapNode, type ScalarNode, type SourceNode } from './source.rules.js';

export const MAX_ITEMS = 1000;
const MAX_PATTERNS = 100;

/** The tools that run a command: expressions must never become part of its text. */
export const shellTools: ReadonlySet<string> = new Set(['shell.run@v1']);
const laterTools = new Set(['playbook.run@v1']);

/** What the steps before the current one provide, and what the whole file declares. */
export interface StepSurroundings {
  environment: Environment;
  source: string;
  tools: ReadonlySet<string>;
  checkArguments: ArgumentCheck;
  inputs: ReadonlySet<string>;
  allSteps: ReadonlySet<string>;
  earlier: Map<string, VisibleStep>;
  /** Applies to the steps that can be timed: those that run a command. */
  defaultTimeoutMs?: number;
  onFailure: FailurePolicy;
}

/** One step, checked; a step with problems is of no use to the caller, who looks at the problems first. */
export function readStep(fields: Fields, around: StepSurroundings): PlaybookStep {
  const id = readId(fields, around);
  const uses = readTool(fields, around.tools);
  const repeated = fields.get('for_each') !== undefined;
  const max = fields.integer('max', 1, MAX_ITEMS);
  if (repeated && !fields.get('max')) fields.problems.add(fields.node.path, fields.node.start, 'for_each needs "max"');
  const maxNode = fields.get('max');
  if (!repeated && maxNode) fields.refuse(maxNode, '"max" has a meaning only with for_each');

  const visible: Visible = {
    inputs: around.inputs,
    steps: new Map(around.earlier),
    allSteps: around.allSteps,
    item: false,
  };
  const condition = readCondition(fields, around, visible);
  const forEach = readForEach(fields, around, visible);
  const withNode = fields.map('with');
  if (withNode) {
    checkExpressions(fields, withNode, around, { ...visible, item: repeated });
    if (shellTools.has(uses)) refuseShellExpansion(fields, withNode);
  }
  const outputsNode = fields.map('outputs');
  const names = new Set(outputsNode?.entries.keys());
  if (outputsNode) {
    for (const [name, { keyStart }] of outputsNode.entries) {
      if (!identifier.test(name))
        fields.problems.add([...outputsNode.path, name], keyStart, `an output's name has ${identifierRule}`);
    }
    const own = new Map(around.earlier).set(id, { repeated, outputs: new Set<string>() });
    checkExpressions(fields, outputsNode, around, { ...visible, steps: own });
  }
  around.earlier.set(id, { repeated, outputs: names });
  return {
    id,
    name: fields.text('name'),
    uses,
    with: readArguments(fields, uses, withNode, around),
    if: condition,
    for_each: forEach,
    max,
    outputs: outputsNode ? (toJson(outputsNode) as Record<string, JsonValue>) : {},
    expect: readExpectation(fields, uses),
    on_failure: fields.oneOf('on_failure', failurePolicies) ?? around.onFailure,
  };
}

function readId(fields: Fields, around: StepSurroundings): string {
  const node = fields.get('id');
  const id = fields.text('id');
  if (!node || id === undefined) return '';
  if (!identifier.test(id)) fields.refuse(node, `a step's id has ${identifierRule}`);
  else if (around.earlier.has(id)) fields.refuse(node, `another step is already called ${quoted(id)}`);
  return id;
}

function readTool(fields: Fields, tools: ReadonlySet<string>): string {
  const node = fields.get('uses');
  const uses = fields.text('uses');
  if (!node || uses === undefined) return '';
  if (laterTools.has(uses)) fields.refuse(node, `${quoted(uses)} is not supported yet`);
  else if (!tools.has(uses)) {
    fields.refuse(
      node,
      `unknown tool ${quoted(uses)}${suggestion(uses, tools)}; tools: ${[...tools].toSorted().join(', ')}`,
    );
  }
  return uses;
}

/** `timeout` is the command's own time limit, so it is written into the arguments the contract is bound to. */
function readArguments(
  fields: Fields,
  uses: string,
  withNode: MapNode | undefined,
  around: StepSurroundings,
): Record<string, JsonValue> {
  const args = withNode ? (toJson(withNode) as Record<string, JsonValue>) : {};
  const own = fields.duration('timeout');
  const node = fields.get('timeout');
  if (around.tools.has(uses) && (withNode || !fields.get('with'))) {
    for (const { path, start, message } of argumentProblems(around.checkArguments, uses, fields.node, withNode)) {
      fields.problems.add(path, start, message);
    }
  }
  if (!shellTools.has(uses)) {
    if (node) fields.refuse(node, `"timeout" has no effect on ${uses || 'this tool'}; only commands can be timed`);
    return args;
  }
  if (node && 'timeout_ms' in args) fields.refuse(node, 'write either "timeout" or with.timeout_ms, not both');
  const timeoutMs = own ?? around.defaultTimeoutMs;
  return timeoutMs === undefined || 'timeout_ms' in args ? args : { ...args, timeout_ms: timeoutMs };
}

function readCondition(fields: Fields, around: StepSurroundings, visible: Visible): boolean | string | undefined {
  const node = fields.get('if');
  if (!node) return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  return readSingleExpression(
    fields,
    node,
    '"if" must be true, false or one ${{ expression }}',
    around,
    visible,
    'bool',
  );
}

function readForEach(fields: Fields, around: StepSurroundings, visible: Visible): JsonValue[] | string | undefined {
  const node = fields.get('for_each');
  if (!node) return undefined;
  if (node.kind === 'list') {
    checkExpressions(fields, node, around, visible);
    return toJson(node) as JsonValue[];
  }
  return readSingleExpression(
    fields,
    node,
    '"for_each" must be a list or one ${{ expression }}',
    around,
    visible,
    'list',
  );
}

function readSingleExpression(
  fields: Fields,
  node: SourceNode,
  rule: string,
  around: StepSurroundings,
  visible: Visible,
  wanted: Wanted,
): string | undefined {
  const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
  const template = text === undefined ? undefined : splitTemplate(text);
  if (template?.ok && (template.pieces.length !== 1 || template.pieces[0]?.kind !== 'expression')) {
    return fields.refuse(node, rule);
  }
  if (node.kind !== 'scalar' || text === undefined) return fields.refuse(node, rule);
  checkText(fields, node, text, around, visible, wanted);
  return text;
}

/** Checks every expression below a node, and that none hides in a key, where it would never be expanded. */
function checkExpressions(fields: Fields, node: SourceNode, around: StepSurroundings, visible: Visible): void {
  if (node.kind === 'map') {
    for (const [key, { value, keyStart }] of node.entries) {
      if (holdsExpression(key)) fields.problems.add(node.path, keyStart, 'a key must not hold an expression');
      checkExpressions(fields, value, around, visible);
    }
  } else if (node.kind === 'list') for (const item of node.items) checkExpressions(fields, item, around, visible);
  else if (typeof node.value === 'string') checkText(fields, node, node.value, around, visible, 'any');
}

function checkText(
  fields: Fields,
  node: ScalarNode,
  text: string,
  { environment, source }: StepSurroundings,
  visible: Visible,
  wanted: Wanted,
): void {
  if (!holdsExpression(text)) return;
  // Inside folded or escaped text the column is unknown; the text's own start is the nearest true place.
  const written = source.slice(node.start, node.end).indexOf(text);
  const locate = (offset: number) => (written < 0 ? node.start : node.start + written + offset);
  const template = splitTemplate(text);
  if (!template.ok) return fields.problems.add(node.path, locate(template.offset), template.message);
  for (const piece of template.pieces) {
    if (piece.kind === 'literal') continue;
    for (const { offset, message } of expressionProblems(environment, piece.text, visible, wanted)) {
      fields.problems.add(node.path, locate(piece.offset + offset), message);
    }
  }
}

/** An expanded value inside a command would be code; in an environment variable it stays data. */
function refuseShellExpansion(fields: Fields, withNode: SourceNode): void {
  for (const scalar of scalars(withNode)) {
    const below = scalar.path.slice(withNode.path.length);
    const isVariable = below[0] === 'env' && below.length === 2;
    if (typeof scalar.value === 'string' && holdsExpression(scalar.value) && !isVariable) {
      fields.refuse(scalar, 'a command must not hold an expression; pass the value in "env" and read it there');
    }
  }
}

function readExpectation(fields: Fields, uses: string): Expectation | undefined {
  const node = fields.map('expect');
  if (!node) return undefined;
  const expect = new Fields(fields.problems, node, vocabularies.expect);
  const mustNode = expect.map('must');
  const must = mustNode && new Fields(fields.problems, mustNode, vocabularies.must);
  const codes = expect.get('exit_codes');
  if (codes && !shellTools.has(uses)) expect.refuse(codes, `"exit_codes" has no meaning for ${uses || 'this tool'}`);
  const exitCodes = expect.list('exit_codes');
  if (exitCodes?.items.length === 0) expect.refuse(exitCodes, '"exit_codes" must not be empty');
  const stated = readPatterns(expect, ['created', 'modified', 'deleted', 'forbidden']);
  const required = must && readPatterns(must, ['created', 'modified', 'deleted']);
  const expectation = { ...stated.lists, ...(required ? { must: required.lists } : {}) };
  const problem = stated.sound && required?.sound !== false && expectationProblem(expectation);
  if (problem) expect.refuse(node, problem);
  return {
    ...expectation,
    ...(exitCodes
      ? { exit_codes: exitCodes.items.flatMap((item) => expect.integerOf(item, 'an exit code', 0, 255) ?? []) }
      : {}),
  };
}

/** `sound`: every pattern can be compiled, and no list is longer than it may be. */
function readPatterns<K extends string>(
  fields: Fields,
  keys: readonly K[],
): { lists: { [P in K]?: string[] }; sound: boolean } {
  const lists: { [P in K]?: string[] } = {};
  let sound = true;
  const refuse = (node: SourceNode, message: string): void => {
    sound = false;
    fields.refuse(node, message);
  };
  for (const key of keys) {
    const list = fields.list(key);
    if (!list) continue;
    if (list.items.length > MAX_PATTERNS) refuse(list, `"${key}" has at most ${MAX_PATTERNS} patterns`);
    for (const item of list.items) {
      const pattern = fields.textOf(item, 'a pattern');
      const problem = pattern === undefined ? undefined : patternProblem(pattern, key === 'forbidden');
      if (problem) refuse(item, problem);
      else if (pattern === undefined) sound = false;
    }
    lists[key] = list.items.map(toJson).filter((value) => typeof value === 'string');
  }
  return { lists, sound };
}
