import type { ServiceName } from './graph.js';
import { Bool, Instant, Int, ListOf, Text, Texts } from './fields.js';
import { type Rpc, rpc } from './message.js';

export class Nothing {}

export class Check {
  @Text() name!: string;
  @Bool() ok!: boolean;
}

export class Readiness {
  @Bool() ready!: boolean;
  @ListOf(() => Check) checks!: Check[];
}

/** Every service answers it: can it do its work now? */
export const serviceReady = (service: ServiceName): Rpc<Nothing, Readiness> =>
  rpc(`${service}.service.ready.v1`, Nothing, Readiness);

export class ReplayFacts {
  @Instant({ doc: 'Facts written at or after it.' }) since!: string;
  @Texts({ max: 200, maxLength: 200, doc: 'Subjects of facts.' }) types!: string[];
}

export class FactCount {
  @Int() facts!: number;
}

/** Every service answers it: sends facts of its own again, to all who hear them; those who heard one before skip it. */
export const replayFacts = (service: ServiceName): Rpc<ReplayFacts, FactCount> =>
  rpc(`${service}.fact.replay.v1`, ReplayFacts, FactCount);

/** Every service answers it: hears its dead letters again, as if for the first time. */
export const retryFacts = (service: ServiceName): Rpc<Nothing, FactCount> =>
  rpc(`${service}.fact.retry.v1`, Nothing, FactCount);
