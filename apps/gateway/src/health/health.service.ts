import { type CallContext, type Principal, type ServiceName, SERVICES, serviceReady } from '#contracts';
import { Bus } from '#messaging';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { Ready, ServiceCheck } from './health.messages.js';

const ANSWER_MS = 1_000;
const GATEWAY: Principal = { kind: 'service', id: 'gateway', name: 'gateway' };
/** Readiness is nobody's team. */
const CONTEXT: CallContext = {
  team: '00000000-0000-0000-0000-000000000000',
  principal: GATEWAY,
  on_behalf_of: GATEWAY,
  roles: [],
};

const others = SERVICES.filter((service) => service !== 'gateway');

const within = (ms: number, work: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
};

/** Can the suite do its work now? */
@Injectable()
export class HealthService {
  private asking: Promise<Ready> | null = null;

  constructor(
    private readonly database: Database,
    private readonly bus: Bus,
  ) {}

  /** Callers at the same time share one round of questions. */
  ready(): Promise<Ready> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask(): Promise<Ready> {
    const [database, ...services] = await Promise.all([
      within(ANSWER_MS, this.database.ping()),
      ...others.map((service) => this.checksOf(service)),
    ]);
    const checks = [
      { name: 'gateway.database', ok: database },
      { name: 'gateway.nats', ok: this.bus.isConnected() },
      ...services.flat(),
    ];
    return { status: checks.every(({ ok }) => ok) ? 'ready' : 'not_ready', checks };
  }

  private async checksOf(service: ServiceName): Promise<ServiceCheck[]> {
    try {
      const { ready, checks } = await this.bus.call(CONTEXT, serviceReady(service), {}, { timeoutMs: ANSWER_MS });
      return [
        { name: `${service}.ready`, ok: ready },
        ...checks.map(({ name, ok }) => ({ name: `${service}.${name}`, ok })),
      ];
    } catch {
      return [{ name: `${service}.ready`, ok: false }];
    }
  }
}
