import { jsonPointer, sha256 } from '#kernel';
import type { ArgumentCheck } from './argument.rules.js';
import { languageFor } from './expression.rules.js';
import { Fields, identifier, identifierRule, vocabularies } from './fields.rules.js';
import { valueProblem } from './inputs.rules.js';
import { playbookInvalid } from './playbook.errors.js';
import { failurePolicies, inputTypes, type Guide, type InputDeclaration, type Playbook } from './playbook.types.js';
import { readStep, type StepSurroundings } from './step.rules.js';
import { readSource, scalars, toJson, type MapNode } from './source.rules.js';

export const API_VERSION = 'playbook/v1';
export const MAX_STEPS = 200;
const playbookName = /^[a-z][a-z0-9_-]{0,63}$/;

/**
 * Reads a playbook file (YAML 1.2, at most 256 KiB). `tools` are the names the registry knows, `<tool>@v<n>`;
 * `checkArguments` is asked about the arguments that are known before the run.
 * Throws `playbook.invalid` with every problem found, at most 50, in the order of the text; each has a JSON Pointer
 * and a message that starts with `line:column`.
 */
export function parsePlaybook(
  source: string,
  tools: Iterable<string>,
  checkArguments: ArgumentCheck = () => [],
): Playbook {
  const { root, problems } = readSource(source);
  if (root && root.kind !== 'map') problems.add([], root.start, 'a playbook is a map');
  if (!root || root.kind !== 'map') throw playbookInvalid(problems.list());

  const fields = new Fields(problems, root, vocabularies.playbook);
  const version = fields.get('apiVersion');
  if (version && (version.kind !== 'scalar' || version.value !== API_VERSION)) {
    fields.refuse(version, `"apiVersion" must be ${API_VERSION}`);
  }
  const nameNode = fields.get('name');
  const name = fields.text('name') ?? '';
  if (nameNode && name && !playbookName.test(name)) {
    fields.refuse(
      nameNode,
      'a playbook\'s name has lower-case letters, digits, "_" and "-", starting with a letter, at most 64',
    );
  }
  const inputs = readInputs(fields);
  const onFailure = fields.oneOf('on_failure', failurePolicies) ?? 'stop';
  const defaults = fields.map('defaults');
  const playbook: Playbook = {
    name,
    description: fields.text('description'),
    digest: sha256(source),
    inputs,
    on_failure: onFailure,
    guide: readGuide(fields),
    steps: readSteps(fields, {
      environment: languageFor(inputs),
      source,
      tools: new Set(tools),
      checkArguments,
      inputs: new Set(Object.keys(inputs)),
      allSteps: declaredIds(fields),
      earlier: new Map(),
      defaultTimeoutMs: defaults && new Fields(problems, defaults, vocabularies.defaults).duration('timeout'),
      onFailure,
    }),
    positions: {},
  };
  if (problems.any) throw playbookInvalid(problems.list());
  for (const scalar of scalars(root)) {
    if (typeof scalar.value !== 'string' || !scalar.value.includes('${{')) continue;
    playbook.positions[jsonPointer(scalar.path)] = problems.position(scalar.start);
  }
  return deepFreeze(playbook);
}

function declaredIds(fields: Fields): Set<string> {
  const steps = fields.get('steps');
  const ids =
    steps?.kind === 'list' ? steps.items.map((step) => (step.kind === 'map' ? step.entries.get('id') : undefined)) : [];
  return new Set(
    ids.flatMap((id) => (id?.value.kind === 'scalar' && typeof id.value.value === 'string' ? id.value.value : [])),
  );
}

function readSteps(fields: Fields, around: StepSurroundings): Playbook['steps'] {
  const list = fields.list('steps');
  if (!list) return [];
  if (list.items.length < 1 || list.items.length > MAX_STEPS)
    fields.refuse(list, `a playbook has 1 to ${MAX_STEPS} steps`);
  return list.items.flatMap((node) => {
    if (node.kind !== 'map') return fields.refuse(node, 'a step must be a map') ?? [];
    return readStep(new Fields(fields.problems, node, vocabularies.step), around);
  });
}

function readInputs(fields: Fields): Record<string, InputDeclaration> {
  const node = fields.map('inputs');
  const inputs: Record<string, InputDeclaration> = {};
  for (const [name, { value, keyStart }] of node?.entries ?? []) {
    if (!identifier.test(name)) {
      fields.problems.add([...node!.path, name], keyStart, `an input's name has ${identifierRule}`);
    }
    if (value.kind !== 'map') {
      fields.refuse(value, 'an input must be a map with "type"');
      inputs[name] = { type: 'string', required: true };
    } else inputs[name] = readInput(fields, value);
  }
  return inputs;
}

function readInput(parent: Fields, node: MapNode): InputDeclaration {
  const fields = new Fields(parent.problems, node, vocabularies.input);
  const type = fields.oneOf('type', inputTypes) ?? 'string';
  const required = fields.boolean('required') ?? false;
  const description = fields.text('description');
  const defaultNode = fields.get('default');
  if (!defaultNode) return { type, required, description };
  if (required) fields.refuse(defaultNode, 'a required input has no default');
  for (const scalar of scalars(defaultNode)) {
    if (typeof scalar.value === 'string' && scalar.value.includes('${{'))
      fields.refuse(scalar, 'a default must not hold an expression');
  }
  const value = toJson(defaultNode);
  const problem = fields.get('type') && valueProblem(type, value);
  if (problem) fields.refuse(defaultNode, `the default ${problem}`);
  return { type, required, description, default: value };
}

function readGuide(parent: Fields): Guide | undefined {
  const node = parent.map('guide');
  if (!node) return undefined;
  const fields = new Fields(parent.problems, node, vocabularies.guide);
  return {
    purpose: fields.text('purpose'),
    troubleshooting: fields.texts('troubleshooting'),
    rollback: fields.text('rollback'),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}
