import type { LocatedProblem } from '#kernel';
import { holdsExpression } from './expression.rules.js';
import type { Path } from './problems.rules.js';
import { scalars, toJson, type MapNode, type SourceNode } from './source.rules.js';

/** What a tool says is wrong with arguments: JSON Pointers below them; empty when nothing is. */
export type ArgumentCheck = (tool: string, args: unknown) => LocatedProblem[];

interface ArgumentProblem {
  path: Path;
  start: number;
  message: string;
}

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/**
 * What the tool would refuse of a step's `with`, one problem a path. A value with an expression is unknown until the run,
 * and only its key is judged. `around` is where a missing argument is reported.
 */
export function argumentProblems(
  check: ArgumentCheck,
  tool: string,
  around: SourceNode,
  withNode: MapNode | undefined,
): ArgumentProblem[] {
  const found = new Map<string, ArgumentProblem>();
  const base = withNode?.path ?? [...around.path, 'with'];
  for (const { path: pointer, message } of check(tool, withNode ? toJson(withNode) : {})) {
    const below = pointer.split('/').slice(1).map(unescaped);
    const [key = ''] = below;
    const entry = withNode?.entries.get(key);
    if (found.has(pointer) || (entry && !message.startsWith('unknown field') && isUnknown(entry.value))) continue;
    found.set(pointer, {
      path: [...base, ...below],
      start: entry ? startOf(entry, below.slice(1), message) : around.start,
      message: entry ? message : `${tool} needs "${key}"`,
    });
  }
  return [...found.values(), ...pathProblems(tool, withNode)];
}

const isUnknown = (node: SourceNode): boolean =>
  [...scalars(node)].some(({ value }) => typeof value === 'string' && holdsExpression(value));

function startOf(entry: { value: SourceNode; keyStart: number }, below: string[], message: string): number {
  if (message.startsWith('unknown field')) return entry.keyStart;
  let node = entry.value;
  for (const part of below) {
    const next = node.kind === 'map' ? node.entries.get(part)?.value : node.kind === 'list' && node.items[Number(part)];
    if (!next) break;
    node = next;
  }
  return node.start;
}

/** A literal path that the workspace refuses whatever is in it. */
function pathProblems(tool: string, withNode: MapNode | undefined): ArgumentProblem[] {
  const node = withNode?.entries.get('path')?.value;
  if (!tool.startsWith('file.') || node?.kind !== 'scalar' || typeof node.value !== 'string') return [];
  if (holdsExpression(node.value)) return [];
  if (!node.value.startsWith('/') && !node.value.split('/').includes('..')) return [];
  return [{ path: node.path, start: node.start, message: 'a path is relative to the workspace and does not leave it' }];
}
