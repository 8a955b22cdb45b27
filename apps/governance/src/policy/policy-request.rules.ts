import type { CedarValueJson, Context, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { LocatedProblem } from '#kernel';
import { classifyPaths } from './path-class.rules.js';
import type { PathClassRule, PolicyRequest } from './policy.types.js';

const MAX_ID_LENGTH = 256;
const MAX_PATHS = 10_000;
const MAX_PATH_LENGTH = 4096;

const isText =
  (max: number) =>
  (value: unknown): boolean =>
    typeof value === 'string' && value.length > 0 && value.length <= max;
const isId = isText(MAX_ID_LENGTH);
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isOneOf =
  (...values: unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);
const isPaths =
  (min: number) =>
  (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length >= min &&
    value.length <= MAX_PATHS &&
    value.every((path) => typeof path === 'string' && path.length <= MAX_PATH_LENGTH);

type Field = [pointer: string, fits: (value: unknown) => boolean, wanted: string];

const ID = `text of 1..${MAX_ID_LENGTH} characters`;
const FIELDS: Field[] = [
  ['/team', isId, ID],
  ['/principal/kind', isOneOf('person', 'agent', 'service'), 'person, agent or service'],
  ['/principal/id', isId, ID],
  ['/agent/id', isId, ID],
  ['/agent/version', isId, ID],
  ['/tool/name', isId, ID],
  ['/tool/version', isId, ID],
  ['/effects', isId, ID],
  ['/action_digest', isId, ID],
  ['/workspace/id', isText(MAX_PATH_LENGTH), `text of 1..${MAX_PATH_LENGTH} characters`],
  ['/workspace/registered', isBoolean, 'a boolean'],
  ['/held', isBoolean, 'a boolean'],
  ['/risk', (value) => value === null || (typeof value === 'number' && value >= 0 && value <= 1), '0..1 or null'],
  ['/sandbox', isId, ID],
  ['/taint/read_sensitive', isBoolean, 'a boolean'],
  ['/taint/read_untrusted', isBoolean, 'a boolean'],
  ['/taint/external_send_pending', isBoolean, 'a boolean'],
  ['/taint/secrets_used', isBoolean, 'a boolean'],
  ['/approvals/role', isOneOf('approver'), 'approver'],
  ['/approvals/approvers', (value) => Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number from 0'],
  ['/target/kind', isOneOf('path', 'command', 'send', 'execution'), 'path, command, send or execution'],
];

/** A file tool that names no path would belong to no class, so to nothing that is protected. */
const SOME_PATHS: Field = ['/target/paths', isPaths(0), `at most ${MAX_PATHS} paths`];
const TARGET_FIELDS: Record<string, Field[]> = {
  path: [['/target/paths', isPaths(1), `1..${MAX_PATHS} paths`]],
  command: [SOME_PATHS],
  send: [SOME_PATHS, ['/target/host', isId, ID]],
  execution: [['/target/driver', isId, ID]],
};

function valueAt(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (inner, key) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
          ? (inner as Record<string, unknown>)[key]
          : undefined,
      value,
    );
}

/** What is missing or of the wrong type. Names that only Cedar knows (effects, sandbox, tools) are left to its schema. */
export function requestProblems(request: unknown): LocatedProblem[] {
  const kind = String(valueAt(request, '/target/kind'));
  const target = Object.hasOwn(TARGET_FIELDS, kind) ? TARGET_FIELDS[kind]! : [];
  return [...FIELDS, ...target]
    .filter(([pointer, fits]) => !fits(valueAt(request, pointer)))
    .map(([path, , wanted]) => ({ path, message: `must be ${wanted}` }));
}

export interface CedarQuestion {
  principal: TypeAndId;
  action: TypeAndId;
  resource: TypeAndId;
  entities: EntityJson[];
  context: (approvers: number) => Context;
}

const PRINCIPAL_TYPES = { person: 'Person', agent: 'Agent', service: 'Service' } as const;
const entity = (type: string, id: string): CedarValueJson => ({ __entity: { type, id } });

/** Cedar's decimal has four places. */
const decimal = (value: number): CedarValueJson => ({ __extn: { fn: 'decimal', arg: value.toFixed(4) } });

/**
 * The request as Cedar is asked it. Each kind of target has its own set of context attributes and the schema's contexts
 * are closed, so a tool that names the wrong kind (a delete without paths) is refused by the schema.
 */
export function toCedar(request: PolicyRequest, rules: readonly PathClassRule[]): CedarQuestion {
  const { target } = request;
  const resource = { type: 'Workspace', id: request.workspace.id };
  const classes = target.kind === 'execution' ? [] : classifyPaths(target.paths, rules);
  const common: Context = {
    agent: entity('Agent', request.agent.id),
    effects: entity('Effects', request.effects),
    held: request.held,
    taint: { ...request.taint },
    ...(request.risk !== null && { risk: decimal(request.risk) }),
    ...(target.kind !== 'execution' && { path_classes: classes.map((name) => entity('PathClass', name)) }),
    ...(target.kind === 'command' && { sandbox: entity('Sandbox', request.sandbox) }),
    ...(target.kind === 'send' && { host: target.host }),
    ...(target.kind === 'execution' && { driver: target.driver }),
  };
  return {
    principal: { type: PRINCIPAL_TYPES[request.principal.kind], id: request.principal.id },
    action: { type: 'Action', id: request.tool.name },
    resource,
    entities: [{ uid: resource, attrs: { registered: request.workspace.registered }, parents: [] }],
    context: (approvers) => ({ ...common, approvers }),
  };
}
