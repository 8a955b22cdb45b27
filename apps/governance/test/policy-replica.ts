import type { CallContext, governance } from '#contracts';
import type { Bus } from '#messaging';
import { FactLog, FactSignal } from '#persistence';
import type { TestDatabase } from '#testing';
import { ActionPolicy } from '../src/action/action.policy.js';
import { policyQuestion } from '../src/action/action.rules.js';
import { governanceEnv } from '../src/env.js';
import { KillStateWorker } from '../src/kill-switch/kill-state.worker.js';
import { MemberRepository } from '../src/member/member.repository.js';
import { PolicyEpochWorker } from '../src/policy/policy-epoch.worker.js';
import { PolicyInputRepository } from '../src/policy/policy-input.repository.js';
import { PolicyKey } from '../src/policy/policy-key.js';
import { PolicyReplicaWorker } from '../src/policy/policy-replica.worker.js';
import { openPolicies } from '../src/policy/policy.loader.js';
import { PolicyRelease } from '../src/policy/policy.release.js';
import { PolicyRepository } from '../src/policy/policy.repository.js';
import { PolicyReview } from '../src/policy/policy.review.js';
import { PolicyService } from '../src/policy/policy.service.js';
import { PolicyTrials } from '../src/policy/policy.trials.js';
import { BundleTrial } from '../src/policy/trial.js';
import type { TrialAnswer, TrialQuestion } from '../src/policy/trial.types.js';

/** Real trials; the answer to the same question is remembered, for each is a process. */
class RememberedTrial extends BundleTrial {
  private readonly answers = new Map<string, Promise<TrialAnswer>>();

  override run(question: TrialQuestion): Promise<TrialAnswer> {
    const key = JSON.stringify(question);
    const answer = this.answers.get(key) ?? super.run(question);
    this.answers.set(key, answer);
    return answer;
  }
}
const rememberedTrial = new RememberedTrial();

/** One replica on a database: its own book, worker and trial. */
export const openReplica = async ({ database }: TestDatabase, home: string) => {
  const { POLICIES_DIR } = governanceEnv({});
  const book = await openPolicies(POLICIES_DIR, new PolicyEpochWorker(database));
  const key = PolicyKey.open(home);
  const policies = new PolicyRepository();
  const members = new MemberRepository();
  const release = new PolicyRelease(book, key, new FactLog(new FactSignal()));
  const service = new PolicyService(database, policies, release, book);
  const inputs = new PolicyInputRepository();
  const kills = new KillStateWorker(database, { show: () => undefined } as unknown as Bus);
  await kills.onModuleInit();
  const trials = new PolicyTrials(database, policies, inputs, service, book, rememberedTrial);
  return {
    ...{ book, key, service, trials, members, inputs },
    review: new PolicyReview(database, policies, release, service, trials, members),
    worker: new PolicyReplicaWorker(database, policies, book, key),
    policy: new ActionPolicy(book, kills),
  };
};
export const questionOf = (ctx: CallContext, action: governance.DecideAction) => {
  const question = policyQuestion(ctx, action, 0);
  if (question.kind !== 'question') throw new Error(question.reason);
  return question;
};
export type Replica = Awaited<ReturnType<typeof openReplica>>;
