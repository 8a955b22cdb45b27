import { AppError, type LocatedProblem } from './app-error.js';
import { digestOf, isDigest, sha256 } from './digest.js';
import type { JsonValue } from './json.types.js';
import { isUuid } from './uuid.js';

/** *What* is to be done, and by whom: everything a decision about an action rests on. */
export interface ActionIdentity {
  team: string;
  agent: { id: string; version: string };
  /** `manifest_digest`: `sha256:<hex>` of the tool's manifest as pinned at submit. */
  tool: { name: string; version: string; manifest_digest: string };
  arguments: JsonValue;
  /** What is acted upon, as the tool declares it: path root, host and path template, cluster and kind … */
  target: JsonValue;
}

/** *Which* action of a run: `step` counts from 1 (0 is the run itself), `index` from 0 inside its step. The same over all attempts. */
export interface ActionKey {
  execution_id: string;
  step: number;
  index: number;
}

/** Part of the digested value; a change of its shape takes the next number. */
const DIGEST_VERSION = 1;
const KEY_TEXT = /^([0-9a-f-]{36})\/(0|[1-9]\d{0,8})\/(0|[1-9]\d{0,8})$/;

/**
 * `sha256:<hex>` over the canonical JSON of the identity. Approvals, consents and grants bind it: any changed leaf is
 * another action, another order of members is not.
 * @throws AppError `action.identity_incomplete` when a field is missing or empty, `json.not_canonical` when arguments
 * or target hold what has no canonical text.
 */
export function actionDigest(identity: ActionIdentity): string {
  const { team, agent, tool, arguments: args, target } = identity;
  assertComplete(identity);
  return digestOf({
    v: DIGEST_VERSION,
    team,
    agent: { id: agent.id, version: agent.version },
    tool: { name: tool.name, version: tool.version, manifest_digest: tool.manifest_digest },
    arguments: args,
    target,
  });
}

/** A missing field would be left out of the canonical text, and two different actions would share a digest. */
function assertComplete({ team, agent, tool, arguments: args, target }: ActionIdentity): void {
  const named = { '/team': team, '/agent/id': agent.id, '/agent/version': agent.version };
  const tooled = { '/tool/name': tool.name, '/tool/version': tool.version };
  const errors: LocatedProblem[] = Object.entries({ ...named, ...tooled })
    .filter(([, text]) => typeof text !== 'string' || text === '')
    .map(([path]) => ({ path, message: 'must be a text that is not empty' }));
  if (!isDigest(tool.manifest_digest)) errors.push({ path: '/tool/manifest_digest', message: 'must be a digest' });
  if (args === undefined) errors.push({ path: '/arguments', message: 'is missing' });
  if (target === undefined) errors.push({ path: '/target', message: 'is missing' });
  if (errors.length > 0) {
    throw new AppError('action.identity_incomplete', 'The action is not fully described.', { details: { errors } });
  }
}

/**
 * `<execution>/<step>/<index>`.
 * @throws AppError `action.key_invalid`
 */
export function actionKeyText(key: ActionKey): string {
  const text = `${key.execution_id}/${key.step}/${key.index}`;
  parseActionKey(text);
  return text;
}

/**
 * The inverse of `actionKeyText`; there is exactly one text per key (no leading zeros, lower-case id).
 * @throws AppError `action.key_invalid`
 */
export function parseActionKey(text: string): ActionKey {
  const [, execution_id, step, index] = KEY_TEXT.exec(text) ?? [];
  if (!isUuid(execution_id)) throw new AppError('action.key_invalid', 'An action key is <execution>/<step>/<index>.');
  return { execution_id, step: Number(step), index: Number(index) };
}

/**
 * 64 lower-case hex digits to hand to the outside (an `Idempotency-Key` header, a marker row): one per action, the same
 * over attempts, and telling nobody which execution it came from.
 * @throws AppError `action.key_invalid`
 */
export const idempotencyKey = (key: ActionKey): string =>
  sha256(`spectrace:action:${actionKeyText(key)}`).slice('sha256:'.length);
