import { type CallContext, invalidInput, type MessageClass, parseMessage } from '#contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/authenticator.js';
import { type FieldKind, mergeSources } from './input.rules.js';
import { traceOf } from './request-span.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the door once the caller is known. */
    caller?: Caller;
  }
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

const kindOf =
  (type: MessageClass<object>) =>
  (field: string): FieldKind => {
    const declared: unknown = Reflect.getMetadata('design:type', type.prototype, field);
    if (declared === Number) return 'number';
    return declared === Boolean ? 'boolean' : 'text';
  };

/** @throws AppError `input.invalid` with every problem located */
const readInput = <T extends object>(type: MessageClass<T>, request: FastifyRequest, ignoresUnknown = false): T => {
  const merged = mergeSources(
    {
      path: { ...(request.params as object) },
      query: { ...(request.query as object) },
      body: request.body,
      hasBody: BODY_METHODS.has(request.method),
    },
    kindOf(type),
  );
  if ('problems' in merged) throw invalidInput(merged.problems);
  return parseMessage(type, ignoresUnknown ? onlyDeclared(type, merged.input) : merged.input);
};

/** What OpenAPI knows of the fields. */
const FIELDS = 'swagger/apiModelPropertiesArray';

const onlyDeclared = (type: MessageClass<object>, input: Record<string, unknown>): Record<string, unknown> => {
  const names = (Reflect.getMetadata(FIELDS, type.prototype) as string[] | undefined) ?? [];
  return Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(`:${name}`)));
};

/** @throws AppError `input.invalid` */
const idempotencyKey = (request: FastifyRequest): string | undefined => {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key;
  throw invalidInput([{ path: '', message: 'Idempotency-Key must be 1 to 200 printable ASCII characters' }]);
};

const contextOf = (request: FastifyRequest): CallContext | undefined => {
  const { caller } = request;
  if (!caller) return undefined;
  const key = idempotencyKey(request);
  return {
    team: caller.team,
    principal: caller.principal,
    on_behalf_of: caller.on_behalf_of,
    roles: caller.roles,
    trace: traceOf(request),
    ...(key !== undefined && { idempotency_key: key }),
  };
};

const requestOf = (host: ExecutionContext): FastifyRequest => host.switchToHttp().getRequest<FastifyRequest>();

/** Path, query and body as one validated message. */
export const Input = createParamDecorator(
  ({ type, ignoresUnknown }: { type: MessageClass<object>; ignoresUnknown?: boolean }, host) =>
    readInput(type, requestOf(host), ignoresUnknown),
);

/** The call context of the caller; undefined on a public route. */
export const CallerContext = createParamDecorator((_: unknown, host) => contextOf(requestOf(host)));
