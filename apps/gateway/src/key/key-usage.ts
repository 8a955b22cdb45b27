import { Loop } from '#messaging';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { KeyRepository, type KnownKey, type Used } from './key.repository.js';

/** How late a use is written down, and how long a process keeps uses of a limited key that nobody asks it for. */
const WRITE_MS = 1_000;

interface Count {
  team: string;
  /** Of a key without a limit, not yet written down. */
  used: number;
  /** Of a limited key, written down as used and not yet used. */
  leased: number;
  touched: boolean;
}

/**
 * Counts what keys are used for, over any number of processes, without a write per request. A limited key is never used
 * more often than it may: its uses are written down before they are spent, a few at a time. Who is killed takes along a
 * second's uses of keys without a limit, and at most 10 unspent ones of each limited key.
 */
@Injectable()
export class KeyUsage implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(KeyUsage.name);
  private readonly counts = new Map<string, Count>();
  private readonly loop = new Loop(
    () => this.write(),
    WRITE_MS,
    (error) => this.log.warn({ err: error }),
  );

  constructor(private readonly keys: KeyRepository) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    for (const count of this.counts.values()) count.touched = false;
    await this.write().catch((error: unknown) => this.log.warn({ err: error }));
  }

  /** Counts one use; false when there is none left. */
  async take(key: Pick<KnownKey, 'id' | 'team' | 'usage_limit'>): Promise<boolean> {
    const count = this.counts.get(key.id) ?? { team: key.team, used: 0, leased: 0, touched: false };
    this.counts.set(key.id, count);
    if (key.usage_limit === null) {
      count.used += 1;
    } else if (count.leased > 0) {
      count.leased -= 1;
    } else {
      const leased = await this.keys.lease(key);
      if (leased === 0) return false;
      // Meanwhile the count may have been written down and dropped.
      const current = this.counts.get(key.id) ?? count;
      this.counts.set(key.id, current);
      current.leased += leased - 1;
      current.touched = true;
      return true;
    }
    count.touched = true;
    return true;
  }

  /** Writes down what was used, and gives back what nobody has used since the last time. */
  async write(): Promise<void> {
    const byTeam = new Map<string, Used[]>();
    for (const [key, count] of this.counts) {
      const returned = count.touched ? 0 : count.leased;
      const uses = count.used - returned;
      if (count.touched || uses !== 0) {
        byTeam.set(count.team, [...(byTeam.get(count.team) ?? []), { key, uses, touched: count.touched }]);
      }
      if (!count.touched) this.counts.delete(key);
      Object.assign(count, { used: 0, leased: count.leased - returned, touched: false });
    }
    let failure: unknown = null;
    for (const [team, used] of byTeam) await this.writeTeam(team, used).catch((error: unknown) => (failure = error));
    if (failure) throw failure;
  }

  private async writeTeam(team: string, used: Used[]): Promise<void> {
    try {
      await this.keys.count(team, used);
    } catch (error) {
      // What was given back stays spent: nobody knows whether it was written.
      for (const { key, uses } of used.filter((one) => one.uses > 0)) this.again(key, team, uses);
      throw error;
    }
  }

  private again(key: string, team: string, uses: number): void {
    const count = this.counts.get(key) ?? { team, used: 0, leased: 0, touched: false };
    this.counts.set(key, count);
    count.used += uses;
    count.touched = true;
  }
}
