import { isAppError, jsonPointer, type JsonValue } from '#kernel';
import type { Environment } from '@marcbachmann/cel-js';
import type { DriverTurn, FinishedStep, ProposedAction } from '../driver/driver.js';
import { languageFor, reason, Renderer, type Scope } from './expression.rules.js';
import { inputsToCel } from './inputs.rules.js';
import { expressionFailed, expressionFailedCode, journalMismatchCode, tooManyItemsCode } from './playbook.errors.js';
import type { Playbook, PlaybookStep } from './playbook.types.js';
import { shellTools } from './step.rules.js';
import { toCel, toText, type CelValue } from './value.rules.js';

type Stop = Extract<DriverTurn, { kind: 'stop' }>;

const MAX_THOUGHT_DETAIL = 120;

/**
 * What the playbook does next, given how its steps so far ended: a function of its arguments alone, so that a recovered
 * run decides what the lost one decided. One playbook step is one turn; a skipped step and a `for_each` over nothing are
 * turns without actions. `inputs` are bound ones (`bindInputs`).
 */
export function nextTurn(playbook: Playbook, inputs: Record<string, unknown>, finished: FinishedStep[]): DriverTurn {
  const environment = languageFor(playbook.inputs);
  const scope: Scope = { inputs: inputsToCel(playbook.inputs, inputs), steps: new Map() };
  for (const [i, done] of finished.entries()) {
    const step = playbook.steps[i];
    if (step?.id !== done.label) return journalMismatch(playbook, i, done.label);
    const failed = done.actions.find((action) => !action.ok);
    if (failed && step.on_failure !== 'continue') {
      const { code, message } = failed.failure ?? { code: 'action.failed', message: `${failed.tool} did not succeed` };
      return stop(step, code, `step "${step.id}": ${message}`);
    }
    const result = orStop(step, () => stepToCel(playbook, i, done, scope, environment));
    if (!result.ok) return result.stop;
    scope.steps.set(step.id, result.value);
  }
  const index = finished.length;
  const step = playbook.steps[index];
  if (!step) return { kind: 'final', answer: summary(playbook, finished) };
  const turn = orStop(step, () => propose(playbook, index, step, scope, environment));
  return turn.ok ? turn.value : turn.stop;
}

const stop = (step: PlaybookStep, code: string, message: string): Stop => ({
  kind: 'stop',
  failure: { code, message },
  rollback: step.on_failure === 'rollback',
});

function journalMismatch(playbook: Playbook, index: number, label: string): Stop {
  const expected = playbook.steps[index]?.id;
  const message = `turn ${index + 1} is "${label}", but the playbook ${playbook.name} has ${expected ? `"${expected}"` : 'no step'} there`;
  return { kind: 'stop', failure: { code: journalMismatchCode, message }, rollback: false };
}

/** An expression that fails ends the run whatever `on_failure: continue` says: the file is wrong, not the world. */
function orStop<T>(step: PlaybookStep, work: () => T): { ok: true; value: T } | { ok: false; stop: Stop } {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (!isAppError(error) || error.code !== expressionFailedCode) throw error;
    return { ok: false, stop: stop(step, error.code, error.message) };
  }
}

/** Renders every expression below a value; a failure says where in the file it stands. */
function render(
  value: JsonValue,
  path: (string | number)[],
  playbook: Playbook,
  renderer: Renderer,
  scope: Scope,
): JsonValue {
  if (typeof value === 'string') {
    try {
      return renderer.text(value, scope);
    } catch (error) {
      const at = jsonPointer(path);
      const position = playbook.positions[at];
      throw expressionFailed(at, `${position ? `${position} ` : ''}${at}: ${reason(error)}`);
    }
  }
  if (Array.isArray(value)) return value.map((item, i) => render(item, [...path, i], playbook, renderer, scope));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, render(member, [...path, key], playbook, renderer, scope)]),
  );
}

/** `steps.<id>` for the steps that follow. A step that failed or was skipped has null outputs. */
function stepToCel(
  playbook: Playbook,
  index: number,
  done: FinishedStep,
  scope: Scope,
  environment: Environment,
): CelValue {
  const step = playbook.steps[index]!;
  const status = done.actions.some((action) => !action.ok)
    ? 'failed'
    : done.actions.length > 0
      ? 'succeeded'
      : 'skipped';
  const results = done.actions.map((action) => toCel(action.output));
  const answer: [string, CelValue] =
    step.for_each === undefined ? ['result', results[0] ?? null] : ['results', results];
  const facts = new Map<string, CelValue>([['status', status], answer]);
  const complete = status === 'succeeded' || (status === 'skipped' && step.for_each !== undefined);
  const own: Scope = { ...scope, steps: new Map(scope.steps).set(step.id, facts) };
  const renderer = new Renderer(environment);
  const outputs = Object.entries(step.outputs).map(([name, template]): [string, CelValue] => {
    if (!complete) return [name, null];
    return [name, toCel(render(template, ['steps', index, 'outputs', name], playbook, renderer, own))];
  });
  return facts.set('outputs', new Map(outputs));
}

function propose(
  playbook: Playbook,
  index: number,
  step: PlaybookStep,
  scope: Scope,
  environment: Environment,
): DriverTurn {
  const renderer = new Renderer(environment);
  const at = (...path: (string | number)[]) => ['steps', index, ...path];
  const say = (thought: string, actions: ProposedAction[] = []): DriverTurn => ({
    kind: 'act',
    label: step.id,
    thought,
    actions,
    ...(step.on_failure === 'continue' ? { keep_going: true } : {}),
  });
  const title = step.name ?? `${step.id}: ${step.uses}${detail(step)}`;
  const condition = render(step.if ?? true, at('if'), playbook, renderer, scope);
  if (typeof condition !== 'boolean') throw wrongType(playbook, at('if'), '"if" must yield true or false', condition);
  if (!condition) return say(`${title} (skipped: its condition is false)`);
  if (step.for_each === undefined) return say(title, [action(playbook, index, step, renderer, scope)]);

  const items = render(step.for_each, at('for_each'), playbook, renderer, scope);
  if (!Array.isArray(items)) throw wrongType(playbook, at('for_each'), '"for_each" must yield a list', items);
  const max = step.max ?? 0;
  if (items.length > max) {
    return stop(step, tooManyItemsCode, `step "${step.id}": for_each yields ${items.length} items, "max" is ${max}`);
  }
  const actions = items.map((item, i) =>
    action(playbook, index, step, renderer, { ...scope, item: toCel(item), index: BigInt(i) }),
  );
  return say(`${title} (${items.length} ${items.length === 1 ? 'item' : 'items'})`, actions);
}

function wrongType(playbook: Playbook, path: (string | number)[], rule: string, value: JsonValue) {
  const pointer = jsonPointer(path);
  const type =
    value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a map' : typeof value;
  const position = playbook.positions[pointer];
  return expressionFailed(pointer, `${position ? `${position} ` : ''}${pointer}: ${rule}, not ${type}`);
}

function action(
  playbook: Playbook,
  index: number,
  step: PlaybookStep,
  renderer: Renderer,
  scope: Scope,
): ProposedAction {
  const rendered = render(step.with, ['steps', index, 'with'], playbook, renderer, scope) as Record<string, JsonValue>;
  return {
    tool: step.uses,
    arguments: shellTools.has(step.uses) ? withTextVariables(rendered) : rendered,
    ...(step.expect ? { expect: step.expect } : {}),
  };
}

/** Environment variables are text, whatever type the expression that gives one yields. */
function withTextVariables(args: Record<string, JsonValue>): Record<string, JsonValue> {
  const { env } = args;
  if (typeof env !== 'object' || env === null || Array.isArray(env)) return args;
  return { ...args, env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, toText(value)])) };
}

/** The literal target of a step that has no name: its path or command. */
function detail(step: PlaybookStep): string {
  const { path, argv } = step.with;
  const target = typeof path === 'string' ? path : Array.isArray(argv) ? argv.map(String).join(' ') : '';
  return target && !target.includes('${{') ? ` ${target.slice(0, MAX_THOUGHT_DETAIL)}` : '';
}

function summary(playbook: Playbook, finished: FinishedStep[]): string {
  const actions = finished.flatMap((step) => step.actions);
  const failed = actions.filter((one) => !one.ok).length;
  const idle = finished.filter((step) => step.actions.length === 0).length;
  const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return [
    `${playbook.name} went through ${count(finished.length, 'step')}`,
    idle > 0 ? `${idle} of them with nothing to do` : '',
    `${actions.length - failed} of ${count(actions.length, 'action')} succeeded`,
  ]
    .filter(Boolean)
    .join(', ')
    .concat(failed > 0 ? `; ${failed} did not.` : '.');
}
