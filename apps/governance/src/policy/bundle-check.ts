import type {
  ActionConstraint,
  DetailedError,
  EntityUidJson,
  PolicyJson,
  SchemaJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import { PATH_CLASSES_FILE, SCHEMA_FILE } from './bundle-file.rules.js';
import type { Cedar } from './cedar.js';
import { pathRuleProblem } from './path-class.rules.js';
import { type ActionDeclaration, type ActionScope, MAX_SLICE, sliceByAction } from './policy-slice.rules.js';
import { lineAt, scanText } from './policy-text.rules.js';
import type { BundleProblem } from './policy.errors.js';
import type { Place, PolicyBundle } from './policy.types.js';

/** Key of a path class rule in `PolicyBundle.places`; no policy id looks like it. */
export const pathClassPlace = (index: number): string => `${PATH_CLASSES_FILE}#${index}`;

const POLICY_ID = /^[a-z][a-z0-9-]{0,63}$/;

export interface CheckedBundle {
  /** Action -> ids of the policies that may apply to it. */
  slices: Map<string, string[]>;
  /** Policy id -> its sentence for people. */
  sentences: Map<string, string>;
}

export type BundleCheck = CheckedBundle | { problems: BundleProblem[] };

/** Cedar's errors, each at its line. `text` begins at `place`. */
export const cedarProblems = (errors: readonly DetailedError[], text: string, place: Partial<Place>): BundleProblem[] =>
  errors.map(({ message, sourceLocations = [] }) => ({
    message,
    file: place.file,
    line: lineAt(text, sourceLocations[0]?.start ?? 0, place.line),
  }));

const nameOf = (uid: EntityUidJson): string => ('__entity' in uid ? uid.__entity.id : uid.id);

function scopeOf(constraint: ActionConstraint): ActionScope {
  if (constraint.op === 'All') return null;
  if ('entities' in constraint) return constraint.entities.map(nameOf);
  return 'entity' in constraint ? [nameOf(constraint.entity)] : null;
}

/** One policy as Cedar reads it, or why not. The id and the sentence are annotations. */
export function readPolicy(
  cedar: Cedar,
  text: string,
  place: Partial<Place>,
): PolicyJson | { problems: BundleProblem[] } {
  const scan = scanText(place.file ?? '', text, 'policy');
  if ('problem' in scan) {
    const line = (place.line ?? 1) + (scan.problem.line ?? 1) - 1;
    return { problems: [{ ...scan.problem, file: place.file, line }] };
  }
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') return { problems: cedarProblems(parsed.errors, text, place) };
  const { id, sentence } = parsed.json.annotations ?? {};
  const problems: BundleProblem[] = [];
  if (!POLICY_ID.test(id ?? '')) problems.push({ ...place, message: `@id must match ${POLICY_ID.source}` });
  if (!sentence?.trim()) problems.push({ ...place, message: '@sentence must say in a sentence what the policy means' });
  return problems.length > 0 ? { problems } : parsed.json;
}

function readSchema(cedar: Cedar, bundle: PolicyBundle): SchemaJson<string> | { problems: BundleProblem[] } {
  const scan = scanText(SCHEMA_FILE, bundle.schema, 'schema');
  if ('problem' in scan) return { problems: [scan.problem] };
  const answer = cedar.schemaToJson(bundle.schema);
  if (answer.type === 'success') return answer.json;
  return { problems: cedarProblems(answer.errors, bundle.schema, { file: SCHEMA_FILE, line: 1 }) };
}

function actionsOf(schema: SchemaJson<string>): ActionDeclaration[] {
  return Object.entries(schema['']?.actions ?? {}).map(([name, { memberOf = [], appliesTo }]) => ({
    name,
    groups: memberOf.map(({ id }) => id),
    asked: (appliesTo?.principalTypes.length ?? 0) > 0,
  }));
}

function pathClassProblems(bundle: PolicyBundle, schema: SchemaJson<string>): BundleProblem[] {
  const declared = schema['']?.entityTypes['PathClass'];
  const classes = new Set(declared && 'enum' in declared ? declared.enum : []);
  return bundle.path_classes.flatMap((rule, index) => {
    const message = pathRuleProblem(rule, classes);
    return message ? [{ file: PATH_CLASSES_FILE, ...bundle.places[pathClassPlace(index)], message }] : [];
  });
}

function validationProblems(cedar: Cedar, bundle: PolicyBundle): BundleProblem[] {
  const { policies, places, schema } = bundle;
  const answer = cedar.validate({
    validationSettings: { mode: 'strict' },
    schema,
    policies: { staticPolicies: policies },
  });
  if (answer.type === 'failure') return cedarProblems(answer.errors, '', {});
  // Warnings too: a policy that can never apply is a policy somebody relies on.
  return [...answer.validationErrors, ...answer.validationWarnings].flatMap(({ policyId, error }) =>
    cedarProblems([error], policies[policyId] ?? '', places[policyId] ?? {}),
  );
}

/**
 * Everything that must hold before a bundle may decide: text that cannot harm the engine, known ids, strict validation,
 * path classes the schema knows, slices of bounded size. May throw whatever a crashing engine throws.
 */
export function checkBundle(cedar: Cedar, bundle: PolicyBundle): BundleCheck {
  const schema = readSchema(cedar, bundle);
  if ('problems' in schema) return schema as { problems: BundleProblem[] };

  const problems: BundleProblem[] = pathClassProblems(bundle, schema);
  const sentences = new Map<string, string>();
  const scopes = new Map<string, ActionScope>();
  for (const [id, text] of Object.entries(bundle.policies)) {
    const place = bundle.places[id] ?? {};
    const policy = readPolicy(cedar, text, place);
    if ('problems' in policy) {
      problems.push(...policy.problems);
      continue;
    }
    if (policy.annotations?.['id'] !== id) problems.push({ ...place, message: `@id is not "${id}"` });
    sentences.set(id, policy.annotations?.['sentence'] ?? '');
    scopes.set(id, scopeOf(policy.action));
  }
  if (problems.length === 0) problems.push(...validationProblems(cedar, bundle));

  const slices = sliceByAction(actionsOf(schema), scopes);
  for (const [action, ids] of slices) {
    if (ids.length > MAX_SLICE)
      problems.push({ message: `${ids.length} policies may apply to ${action}, at most ${MAX_SLICE} are allowed` });
  }
  return problems.length > 0 ? { problems } : { slices, sentences };
}
