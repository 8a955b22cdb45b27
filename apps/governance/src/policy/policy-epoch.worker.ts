import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';

/** Numbers the bundles that were ever in force, for the whole installation. */
@Injectable()
export class PolicyEpochWorker {
  constructor(private readonly database: Database) {}

  /**
   * The epoch of a bundle that is put in force now: the newest one when its content is the same, else the next. Old
   * content that comes back gets a new epoch. `digest` as in PolicyBundle.
   */
  epochOf(digest: string): Promise<number> {
    return this.database.acrossTeams('one policy for every team', async (tx) => {
      // Replicas that start together with the same new bundle must agree.
      await tx.query(`LOCK TABLE policy_epoch IN EXCLUSIVE MODE`);
      const [newest] = await tx.query(`SELECT epoch, digest FROM policy_epoch ORDER BY epoch DESC LIMIT 1`);
      if (newest?.digest === digest) return newest.epoch as number;
      const epoch = ((newest?.epoch as number | undefined) ?? 0) + 1;
      await tx.query(`INSERT INTO policy_epoch (epoch, digest) VALUES ($1, $2)`, [epoch, digest]);
      return epoch;
    });
  }
}
