import type { CallContext, governance } from '#contracts';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { BundleFiles } from './bundle-file.rules.js';
import { PolicyBook } from './policy-book.js';
import { bundleInvalid } from './policy.errors.js';
import { PolicyInputRepository } from './policy-input.repository.js';
import { PolicyRepository } from './policy.repository.js';
import { PolicyService } from './policy.service.js';
import { checkView, shadowView } from './policy.view.js';
import { BundleTrial } from './trial.js';

/** Has bundles tried, and keeps what came of it with them. */
@Injectable()
export class PolicyTrials {
  constructor(
    private readonly database: Database,
    private readonly policies: PolicyRepository,
    private readonly inputs: PolicyInputRepository,
    private readonly service: PolicyService,
    private readonly book: PolicyBook,
    private readonly trial: BundleTrial,
  ) {}

  /** @throws AppError `policy.busy` */
  async check(files: BundleFiles): Promise<governance.PolicyCheck> {
    const { check } = await this.trial.run({ files, house: this.book.houseFiles });
    return checkView(check, this.book.house.bundle.digest, new Date());
  }

  /** @throws AppError `policy.not_found`, `policy.busy` */
  async validate(ctx: CallContext, id: string): Promise<governance.PolicyView> {
    const { files } = await this.database.inTeam(ctx, (tx) => this.policies.get(tx, id));
    const trial = await this.check(files);
    return this.remembered(ctx, id, { trial });
  }

  /**
   * Replays what the team's agents asked lately under the bundle in force and under this one.
   * @throws AppError `policy.not_found`, `policy.busy`; `policy.bundle_invalid` when it does not validate
   */
  async shadow(ctx: CallContext, id: string): Promise<governance.PolicyView> {
    const { policy, own, inputs } = await this.database.inTeam(ctx, async (tx) => ({
      policy: await this.policies.get(tx, id),
      own: await this.policies.inForce(tx),
      inputs: await this.inputs.newest(tx),
    }));
    const began = performance.now();
    const house = this.book.houseFiles;
    const { check, replay } = await this.trial.run({
      files: policy.files,
      house,
      replay: { inForce: own?.files ?? house, inputs },
    });
    const at = new Date();
    const trial = checkView(check, this.book.house.bundle.digest, at);
    if (!replay) {
      await this.remembered(ctx, id, { trial });
      throw bundleInvalid(check.problems);
    }
    const duration_ms = Math.round(performance.now() - began);
    const shadow = shadowView(replay, { against: own?.epoch ?? this.book.epoch, duration_ms, at });
    return this.remembered(ctx, id, { trial, shadow });
  }

  private remembered(
    ctx: CallContext,
    id: string,
    said: { trial?: governance.PolicyCheck; shadow?: governance.PolicyShadow },
  ): Promise<governance.PolicyView> {
    return this.database.inTeam(ctx, async (tx) => {
      await this.policies.remember(tx, id, said);
      const policy = Object.assign(await this.policies.get(tx, id), said);
      return this.service.view(tx, ctx, policy);
    });
  }
}
