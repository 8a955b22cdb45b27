import { isAppError } from '#kernel';
import { Logger } from '@nestjs/common';
import { runBundleTests } from './bundle-test.js';
import { loadBundle } from './bundle.js';
import type { PolicyEpochWorker } from './policy-epoch.worker.js';
import { PolicyEngine } from './policy.engine.js';
import { bundleInvalid } from './policy.errors.js';
import type { PolicyBundle } from './policy.types.js';

/**
 * The engine with the bundle of a folder in force. A bundle that breaks one of its own tests is never in force.
 * @throws AppError `policy.bundle_invalid`, located
 */
export const openPolicies = async (
  folder: string,
  epochs: Pick<PolicyEpochWorker, 'epochOf'>,
): Promise<PolicyEngine> => {
  const bundle = await readBundle(folder);
  const tested = PolicyEngine.load(bundle);
  const failures = runBundleTests(bundle.tests, (request) => tested.decide(request));
  if (failures.length > 0) {
    throw bundleInvalid(
      failures.map(({ test: { name, place }, got }) => ({
        ...place,
        message: `test "${name}" came out as ${got.decision}, tier ${got.tier_needed}, by ${got.determining_policies.join(', ') || 'no policy'}`,
      })),
    );
  }
  const log = new Logger(PolicyEngine.name);
  const epoch = await epochs.epochOf(bundle.digest);
  return PolicyEngine.load({ ...bundle, epoch }, { alarm: (alarm) => log.error({ alarm }) });
};

const readBundle = async (folder: string): Promise<PolicyBundle> => {
  try {
    return await loadBundle(folder);
  } catch (error) {
    if (isAppError(error)) throw error;
    throw bundleInvalid([{ message: `${folder} cannot be read as a folder of policies` }], error);
  }
};
