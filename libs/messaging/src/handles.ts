import { type CallContext, type Fact, ownerOf, parseMessage, type Rpc, rpcSubject } from '#contracts';
import type { Tx } from '#persistence';
import { inSpan, withTrace } from '#telemetry';
import { Ctx, MessagePattern, type NatsContext, Payload, Transport } from '@nestjs/microservices';
import { timedAnswer } from './bus.metrics.js';
import { questionSpan } from './question-span.js';
import { contextOf } from './wire.js';

type Handler<I extends object, O extends object> = (input: I, ctx: CallContext) => Promise<O>;

/** What a class must implement to answer every question of a catalogue. */
export type RpcHandlers<C> = { [K in keyof C]: C[K] extends Rpc<infer I, infer O> ? Handler<I, O> : never };

/** Makes a method the handler of a question; its input is parsed and validated before it runs. */
export const Handles =
  <I extends object, O extends object>(question: Rpc<I, O>) =>
  <H extends Handler<I, O>>(target: object, key: string, descriptor: TypedPropertyDescriptor<H>): void => {
    const handle = descriptor.value!;
    const service = ownerOf(question);
    descriptor.value = async function (this: unknown, data: object | undefined, carried: NatsContext) {
      const ctx = contextOf(carried.getHeaders());
      const spec = { service, kind: 'server' as const, parent: ctx.trace };
      return inSpan({ ...questionSpan(question, ctx, data ?? {}), ...spec }, () =>
        timedAnswer(service, question.subject, async () =>
          handle.call(this, parseMessage(question.input, data), withTrace(ctx)),
        ),
      );
    } as unknown as H;
    MessagePattern(rpcSubject(question), Transport.NATS)(target, key, descriptor);
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
  };

/** A fact as its consumer gets it. */
export interface Heard<B extends object> {
  id: string;
  type: string;
  team: string;
  aggregate_id: string;
  /** Gapless per aggregate, from 1; facts of one aggregate are heard in this order. */
  version: number;
  /** RFC 3339, when it was written. */
  at: string;
  body: B;
}

type Listener<B extends object> = (heard: Heard<B>, tx: Tx, ctx: CallContext) => Promise<void>;

export interface Hearing {
  fact: Fact<object>;
  method: string;
}

const HEARINGS = Symbol('hearings');

/** Makes a method the consumer of a fact. It runs inside the transaction that also remembers the fact's id. */
export const Hears =
  <B extends object>(fact: Fact<B>) =>
  <L extends Listener<B>>(target: object, key: string, _descriptor: TypedPropertyDescriptor<L>): void => {
    const known = (Reflect.get(target, HEARINGS) as Hearing[] | undefined) ?? [];
    Reflect.set(target, HEARINGS, [...known, { fact, method: key }]);
  };

export const hearingsOf = (consumer: object): Hearing[] =>
  (Reflect.get(consumer, HEARINGS) as Hearing[] | undefined) ?? [];
