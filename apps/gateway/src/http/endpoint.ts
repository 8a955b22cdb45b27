import type { CallContext, MessageClass } from '#contracts';
import { applyDecorators, HttpCode, RequestMapping, RequestMethod, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { describeEndpoint } from './endpoint.docs.js';
import type { EndpointSpec } from './endpoint.types.js';
import { CallerContext, Input } from './input.js';
import { TRACED_ROUTE } from './request-span.js';

const ENDPOINT = Symbol('endpoint');
export const YAML_ROUTE = 'yaml';

export const endpointOf = (handler: object): EndpointSpec | undefined =>
  Reflect.getMetadata(ENDPOINT, handler) as EndpointSpec | undefined;

type Answer<A> = A[keyof A] extends MessageClass<infer T> ? T : never;
/** A text is sent as it is: pages and metrics. */
type Handler<I, A> = (input: I, ctx: CallContext, reply: FastifyReply) => Promise<Answer<A> | string> | Promise<void>;

export const usualStatus = (spec: EndpointSpec): number => spec.status ?? Number(Object.keys(spec.answers)[0]);

/**
 * Makes a method `(input, ctx, reply)` a route. Its input is merged, parsed and validated, its caller authenticated,
 * permitted and limited before it runs. Public routes have no `ctx`.
 */
export const Endpoint =
  <I extends object, A extends Record<number, MessageClass<object>>>(spec: EndpointSpec<I, A>) =>
  <H extends Handler<I, A>>(target: object, key: string, descriptor: TypedPropertyDescriptor<H>): void => {
    const plain = spec as unknown as EndpointSpec;
    Input({ type: spec.input, ignoresUnknown: spec.ignoresUnknown })(target, key, 0);
    CallerContext()(target, key, 1);
    Res({ passthrough: true })(target, key, 2);
    Reflect.defineMetadata(ENDPOINT, plain, descriptor.value!);
    applyDecorators(
      RequestMapping({ path: spec.path, method: RequestMethod[spec.method] }),
      HttpCode(usualStatus(plain)),
      RouteConfig({ [YAML_ROUTE]: spec.yaml === true, [TRACED_ROUTE]: spec.limit !== 'probe' }),
      ...describeEndpoint(plain),
    )(target, key, descriptor as TypedPropertyDescriptor<unknown>);
  };
