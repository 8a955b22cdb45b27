import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '#kernel';
import { checkBundle, pathClassPlace, readPolicy } from './bundle-check.js';
import {
  type BundleFiles,
  bundleFileProblems,
  PATH_CLASSES_FILE,
  POLICY_FILE,
  SCHEMA_FILE,
  TEST_FILE,
} from './bundle-file.rules.js';
import { YamlFile } from './bundle-yaml.js';
import { type Cedar, newCedar } from './cedar.js';
import { requestProblems } from './policy-request.rules.js';
import { scanText } from './policy-text.rules.js';
import { type BundleProblem, bundleInvalid } from './policy.errors.js';
import type { BundleTest, PathClassRule, Place, PolicyBundle, PolicyRequest } from './policy.types.js';

const TESTS_FOLDER = 'tests';

interface PolicyText {
  id: string;
  text: string;
  place: Place;
}

/**
 * Reads a folder of policies: `schema.cedarschema`, `*.cedar`, `path-classes.yaml`, `tests/*.yaml`.
 * `epoch` is the number under which it is put in force.
 * @throws AppError `policy.bundle_invalid` with every problem found, each as `<file>:<line>`.
 */
export async function loadBundle(folder: string, epoch = 1): Promise<PolicyBundle> {
  return readBundle(await readFolder(folder), epoch);
}

/** The files of a folder that belong to a bundle. */
export async function readFolder(folder: string): Promise<BundleFiles> {
  const tests = (await namesIn(join(folder, TESTS_FOLDER), '.yaml')).map((name) => `${TESTS_FOLDER}/${name}`);
  const names = [SCHEMA_FILE, PATH_CLASSES_FILE, ...(await namesIn(folder, '.cedar')), ...tests];
  const read = async (name: string): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/**
 * A bundle from its files; `withTests: false` leaves its tests unread, for where they were run before.
 * @throws AppError `policy.bundle_invalid` as `loadBundle`; whatever a crashing engine throws
 */
export function readBundle(files: BundleFiles, epoch = 1, { withTests = true } = {}): PolicyBundle {
  const problems: BundleProblem[] = bundleFileProblems(files);
  if (problems.length > 0) throw bundleInvalid(problems);
  const cedar = newCedar();
  const named = (pattern: RegExp): [string, string][] =>
    Object.entries(files)
      .filter(([name]) => pattern.test(name))
      .sort(([one], [other]) => (one < other ? -1 : 1));

  const taken = new Set<string>();
  const texts = named(POLICY_FILE).flatMap(([file, text]) => readPolicies(cedar, file, text, taken, problems));
  const yaml = new YamlFile(PATH_CLASSES_FILE, files[PATH_CLASSES_FILE]!);
  const { path_classes, sensitive } = readPathClasses(yaml, problems);
  const tests = (withTests ? named(TEST_FILE) : []).flatMap(([file, text]) =>
    readTests(new YamlFile(file, text), problems),
  );
  const schema = files[SCHEMA_FILE]!;
  if (texts.length === 0) problems.push({ message: 'it holds no policy' });
  if (problems.length > 0) throw bundleInvalid(problems);

  const policies = Object.fromEntries(texts.map(({ id, text }) => [id, text]));
  const places = Object.fromEntries([
    ...texts.map(({ id, place }) => [id, place]),
    ...path_classes.map((_, index) => [pathClassPlace(index), yaml.place(['classes', index])]),
  ]);
  const digest = digestOf({ policies, schema, path_classes, sensitive });
  const bundle: PolicyBundle = { policies, places, schema, path_classes, sensitive, epoch, digest, tests };
  const checked = checkBundle(cedar, bundle);
  if ('problems' in checked) throw bundleInvalid(checked.problems);
  return bundle;
}

async function namesIn(folder: string, ending: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
}

/** `taken`: ids seen so far in any file. */
function readPolicies(
  cedar: Cedar,
  file: string,
  source: string,
  taken: Set<string>,
  problems: BundleProblem[],
): PolicyText[] {
  const scan = scanText(file, source, 'policy');
  if ('problem' in scan) {
    problems.push(scan.problem);
    return [];
  }
  return scan.statements.flatMap(({ text, line }) => {
    const place = { file, line };
    const policy = readPolicy(cedar, text, place);
    if ('problems' in policy) {
      problems.push(...policy.problems);
      return [];
    }
    const id = policy.annotations?.['id'] ?? '';
    if (taken.has(id)) problems.push({ ...place, message: `the id "${id}" is taken` });
    taken.add(id);
    return [{ id, text, place }];
  });
}

function readPathClasses(yaml: YamlFile, problems: BundleProblem[]): Pick<PolicyBundle, 'path_classes' | 'sensitive'> {
  problems.push(...yaml.problems);
  const { classes, sensitive } = (yaml.value ?? {}) as { classes?: unknown; sensitive?: unknown };
  if (!Array.isArray(classes)) {
    problems.push(yaml.problem([], 'must hold a list `classes`'));
    return { path_classes: [], sensitive: [] };
  }
  const path_classes = classes.flatMap((rule: unknown, index) => {
    const { pattern, class: name, ...rest } = (rule ?? {}) as Partial<PathClassRule>;
    if (typeof pattern === 'string' && typeof name === 'string' && Object.keys(rest).length === 0)
      return [{ pattern, class: name }];
    problems.push(yaml.problem(['classes', index], 'must hold `pattern` and `class`, both text, and nothing else'));
    return [];
  });
  const isClass = (name: unknown): name is string => path_classes.some((rule) => rule.class === name);
  if (Array.isArray(sensitive) && sensitive.every(isClass)) return { path_classes, sensitive };
  problems.push(yaml.problem(['sensitive'], 'must be a list of classes that `classes` names'));
  return { path_classes, sensitive: [] };
}

const isExpectation = (value: unknown): value is BundleTest['expect'] => {
  const { decision, tier, policies, ...rest } = (value ?? {}) as Partial<BundleTest['expect']>;
  return (
    ['allow', 'ask', 'deny'].includes(decision ?? '') &&
    (decision === 'deny' ? tier === null : [1, 2, 3].includes(tier ?? 0)) &&
    Array.isArray(policies) &&
    policies.every((id) => typeof id === 'string') &&
    Object.keys(rest).length === 0
  );
};

/** `base` is a whole request; each row says what differs from it and what is to be expected. */
function readTests(yaml: YamlFile, problems: BundleProblem[]): BundleTest[] {
  problems.push(...yaml.problems);
  const { base, rows } = (yaml.value ?? {}) as { base?: unknown; rows?: unknown };
  if (!Array.isArray(rows) || rows.length === 0) {
    problems.push(yaml.problem([], 'must hold `base` and a list `rows` that is not empty'));
    return [];
  }
  return rows.flatMap((row: unknown, index) => {
    const at = ['rows', index];
    const { name, request, expect } = (row ?? {}) as { name?: unknown; request?: unknown; expect?: unknown };
    const whole = overlay(base, request);
    const wrong = requestProblems(whole).map(({ path, message }) => yaml.problem(at, `request ${path} ${message}`));
    if (typeof name !== 'string') wrong.push(yaml.problem(at, 'a row needs a `name`'));
    if (!isExpectation(expect))
      wrong.push(yaml.problem([...at, 'expect'], '`expect` needs `decision`, `tier` (null on deny) and `policies`'));
    problems.push(...wrong);
    if (wrong.length > 0 || typeof name !== 'string' || !isExpectation(expect)) return [];
    return [{ name, place: yaml.place(at), request: whole as PolicyRequest, expect }];
  });
}

/** Objects are merged, everything else (lists too) is replaced. */
function overlay(base: unknown, change: unknown): unknown {
  if (change === undefined) return base;
  if (!isMap(base) || !isMap(change)) return change;
  const merged = Object.entries(change).map(([key, value]) => [key, overlay(base[key], value)]);
  return { ...base, ...Object.fromEntries(merged) };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
