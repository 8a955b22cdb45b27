import type { ASTNode } from '@marcbachmann/cel-js';
import { suggestion } from './problems.rules.js';

/** What an expression at one place of the file may mention. */
export interface Visible {
  inputs: ReadonlySet<string>;
  /** Steps whose results exist when the expression is evaluated. */
  steps: ReadonlyMap<string, VisibleStep>;
  /** All steps of the file, to tell a later one from a misspelt one. */
  allSteps: ReadonlySet<string>;
  /** True inside `with` of a step with `for_each`. */
  item: boolean;
}

export interface VisibleStep {
  repeated: boolean;
  outputs: ReadonlySet<string>;
}

export interface ReferenceProblem {
  /** UTF-16 code units from the start of the expression's text. */
  offset: number;
  message: string;
}

/**
 * The functions an expression may call; all are pure and their work is bounded by their operands. Left out on purpose:
 * `matches` (a backtracking regular expression can run for years), times (the time zone database is an input nobody pinned)
 * and `cel.bind`.
 */
export const allowedFunctions: ReadonlySet<string> = new Set(
  (
    'size string int double bool dyn has startsWith endsWith contains lowerAscii upperAscii trim indexOf lastIndexOf ' +
    'substring split join all exists exists_one map filter'
  ).split(' '),
);

const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const VARIABLES = new Set(['inputs', 'steps', 'item', 'index']);

/** Everything an expression mentions that does not exist at its place. `root` is parsed, not yet type-checked. */
export function referenceProblems(root: ASTNode, visible: Visible): ReferenceProblem[] {
  const problems: ReferenceProblem[] = [];
  walk(root, {
    visible,
    loopVariables: new Set(),
    refuse: (node, message) => problems.push({ offset: node.pos, message }),
  });
  return problems;
}

interface Walk {
  visible: Visible;
  loopVariables: ReadonlySet<string>;
  refuse: (node: ASTNode, message: string) => void;
}

function walk(node: ASTNode, w: Walk): void {
  const chain = memberChain(node);
  if (chain && !w.loopVariables.has(chain.names[0]!)) {
    checkChain(node, chain, w);
    return;
  }
  switch (node.op) {
    case 'call':
      checkFunction(node, node.args[0], w);
      for (const argument of node.args[1]) walk(argument, w);
      return;
    case 'rcall':
      walkMethod(node, node.args, w);
      return;
    case 'map':
      for (const [key, value] of node.args) {
        walk(key, w);
        walk(value, w);
      }
      return;
    default:
      for (const child of plainChildren(node)) walk(child, w);
  }
}

function walkMethod(node: ASTNode, [name, receiver, args]: [string, ASTNode, ASTNode[]], w: Walk): void {
  checkFunction(node, name, w);
  walk(receiver, w);
  const [variable, ...bodies] = args;
  if (!LOOPS.has(name) || variable?.op !== 'id') {
    for (const argument of args) walk(argument, w);
    return;
  }
  if (VARIABLES.has(variable.args)) w.refuse(variable, `the loop variable must not be called "${variable.args}"`);
  const inner = { ...w, loopVariables: new Set([...w.loopVariables, variable.args]) };
  for (const body of bodies) walk(body, inner);
}

function checkFunction(node: ASTNode, name: string, w: Walk): void {
  if (allowedFunctions.has(name)) return;
  w.refuse(node, `the function "${name}" is not available${suggestion(name, allowedFunctions)}`);
}

/** `a`, `a.b`, `a.b.c` …: the names and the node of each, outermost last. */
function memberChain(node: ASTNode): { names: string[]; nodes: ASTNode[] } | undefined {
  if (node.op === 'id') return { names: [node.args], nodes: [node] };
  if (node.op !== '.') return undefined;
  const base = memberChain(node.args[0]);
  return base && { names: [...base.names, node.args[1]], nodes: [...base.nodes, node] };
}

function checkChain(node: ASTNode, { names, nodes }: { names: string[]; nodes: ASTNode[] }, w: Walk): void {
  const [variable, member] = names;
  const at = nodes[1] ?? node;
  if (variable === 'inputs') {
    if (member === undefined) w.refuse(node, 'name one input: inputs.<name>');
    else if (!w.visible.inputs.has(member)) {
      w.refuse(at, `there is no input "${member}"${suggestion(member, w.visible.inputs)}`);
    }
  } else if (variable === 'steps') checkStep(names, nodes, w);
  else if (variable === 'item' || variable === 'index') {
    if (!w.visible.item) w.refuse(node, `"${variable}" exists only in "with" of a step with for_each`);
  } else w.refuse(nodes[0]!, `there is no variable "${variable}"${suggestion(variable!, VARIABLES)}`);
}

function checkStep([, id, part, output]: string[], nodes: ASTNode[], w: Walk): void {
  const at = nodes[1] ?? nodes[0]!;
  if (id === undefined) return w.refuse(at, 'name one step: steps.<id>.result, .results, .outputs.<name> or .status');
  const step = w.visible.steps.get(id);
  if (!step) {
    const exists = w.visible.allSteps.has(id);
    const reason = exists ? `step "${id}" has not run yet at this point` : `there is no step "${id}"`;
    return w.refuse(at, reason + (exists ? '' : suggestion(id, w.visible.allSteps)));
  }
  const result = step.repeated ? 'results' : 'result';
  if (part === 'result' || part === 'results') {
    if (part !== result)
      w.refuse(nodes[2]!, `step "${id}" has ${step.repeated ? 'for_each' : 'no for_each'}: use "${result}"`);
  } else if (part === 'outputs') {
    if (output === undefined) w.refuse(nodes[2]!, `name one output: steps.${id}.outputs.<name>`);
    else if (!step.outputs.has(output)) {
      w.refuse(nodes[3]!, `step "${id}" has no output "${output}"${suggestion(output, step.outputs)}`);
    }
  } else if (part !== 'status') {
    w.refuse(nodes[2] ?? at, `steps.${id} has ${result}, outputs.<name> and status${part ? `, not "${part}"` : ''}`);
  }
}

function plainChildren(node: ASTNode): ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
    case 'call':
    case 'rcall':
    case 'map':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case '!_':
    case '-_':
      return [node.args];
    default:
      return [...node.args];
  }
}
