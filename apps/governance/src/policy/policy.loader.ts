import { isAppError } from '#kernel';
import { Logger } from '@nestjs/common';
import type { BundleFiles } from './bundle-file.rules.js';
import { runBundleTests, testProblem } from './bundle-test.js';
import { readBundle, readFolder } from './bundle.js';
import { PolicyBook } from './policy-book.js';
import type { PolicyEpochWorker } from './policy-epoch.worker.js';
import { PolicyEngine } from './policy.engine.js';
import { bundleInvalid } from './policy.errors.js';
import type { PolicyAlarm } from './policy.types.js';

/**
 * The book with the bundle of a folder, the shipped one, in force. A bundle that breaks one of its own tests is never in force.
 * @throws AppError `policy.bundle_invalid`, located
 */
export const openPolicies = async (folder: string, epochs: Pick<PolicyEpochWorker, 'epochOf'>): Promise<PolicyBook> => {
  const files = await filesOf(folder);
  const bundle = readBundle(files);
  const tested = PolicyEngine.load(bundle);
  const failures = runBundleTests(bundle.tests, (request) => tested.decide(request));
  if (failures.length > 0) throw bundleInvalid(failures.map(testProblem));
  const log = new Logger(PolicyEngine.name);
  const alarm = (raised: PolicyAlarm): void => log.error({ alarm: raised });
  const epoch = await epochs.epochOf(bundle.digest);
  return new PolicyBook(PolicyEngine.load({ ...bundle, epoch }, { alarm }), files, alarm);
};

const filesOf = async (folder: string): Promise<BundleFiles> => {
  try {
    return await readFolder(folder);
  } catch (error) {
    if (isAppError(error)) throw error;
    throw bundleInvalid([{ message: `${folder} cannot be read as a folder of policies` }], error);
  }
};
