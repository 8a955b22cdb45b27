// A process of its own for one bundle nobody trusts yet: it may crash, hang or eat memory without harm to anybody.
import { isAppError } from '#kernel';
import { runBundleTests, testProblem } from './bundle-test.js';
import { readBundle } from './bundle.js';
import { underHouse } from './policy-book.js';
import { PolicyEngine } from './policy.engine.js';
import type { BundleProblem } from './policy.errors.js';
import { replay } from './trial.rules.js';
import type { TrialAnswer, TrialQuestion } from './trial.types.js';

const refused = (problems: BundleProblem[]): TrialAnswer => ({
  check: { problems, tests_passed: 0, tests_failed: 0, policies: 0, digest: null },
  replay: null,
});

const problemsOf = (error: unknown): BundleProblem[] => {
  const errors = isAppError(error) && error.code === 'policy.bundle_invalid' ? error.details?.['errors'] : undefined;
  if (!Array.isArray(errors)) return [{ message: 'the policy engine crashed on it' }];
  return errors.map(({ path, message }: { path: string; message: string }) => {
    const [, file, line] = /^(.*):(\d+)$/.exec(path) ?? [];
    return file ? { file, line: Number(line), message } : { message };
  });
};

const tried = ({ files, house, replay: wanted }: TrialQuestion): TrialAnswer => {
  const floor = PolicyEngine.load(readBundle(house, 1, { withTests: false }));
  let bundle, engine;
  try {
    bundle = readBundle(files);
    engine = PolicyEngine.load(bundle);
  } catch (error) {
    return refused(problemsOf(error));
  }
  const authorize = underHouse(engine, floor);
  const failures = runBundleTests(bundle.tests, authorize);
  const problems = failures.map(testProblem);
  if (bundle.tests.length === 0) problems.push({ file: 'tests', message: 'a bundle needs tests of its own' });
  const check = {
    problems,
    tests_passed: bundle.tests.length - failures.length,
    tests_failed: failures.length,
    policies: Object.keys(bundle.policies).length,
    digest: bundle.digest,
  };
  if (!wanted || problems.length > 0) return { check, replay: null };
  const inForce = underHouse(PolicyEngine.load(readBundle(wanted.inForce, 1, { withTests: false })), floor);
  return { check, replay: replay(wanted.inputs, inForce, authorize) };
};

process.once('message', (question: TrialQuestion) => {
  process.send!(tried(question), () => process.disconnect());
});
