import { Database } from '#persistence';
import { PLATFORM, type Platform } from '#service';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

/** Where this process is the only executor there can be, whoever held a lease before it started is dead. */
@Injectable()
export class DeadLeaseWorker implements OnModuleInit {
  constructor(
    private readonly database: Database,
    @Inject(PLATFORM) private readonly platform: Platform,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!this.platform.alone) return;
    await this.database.acrossTeams('leases of the process before this one', (tx) =>
      tx.query(`UPDATE work SET lease_until = '-infinity' WHERE state = 'leased'`),
    );
  }
}
