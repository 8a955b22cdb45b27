import type { ServiceName } from './graph.js';
import { Bool, ListOf, Text } from './fields.js';
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
