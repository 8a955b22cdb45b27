import type { CallContext } from '#contracts';
import { AppError, isAppError } from '#kernel';
import { headers, type MsgHdrs } from '@nats-io/transport-node';

const CONTEXT_HEADER = 'spectrace-context';

/** An AppError as it crosses the bus. */
export interface WireError {
  code: string;
  message: string;
  details?: AppError['details'];
  retryable: boolean;
}

export const INTERNAL_ERROR: WireError = {
  code: 'internal.error',
  message: 'Something went wrong on our side.',
  retryable: false,
};

export const toWireError = (error: unknown): WireError =>
  isAppError(error)
    ? { code: error.code, message: error.message, details: error.details, retryable: error.retryable }
    : INTERNAL_ERROR;

export const fromWireError = (wire: WireError): AppError =>
  new AppError(wire.code, wire.message, { details: wire.details, retryable: wire.retryable });

export const contextHeaders = (ctx: CallContext): MsgHdrs => {
  const carried = headers();
  carried.set(CONTEXT_HEADER, encodeURIComponent(JSON.stringify(ctx)));
  // The name that NATS itself and its observers know; ours is read from the context.
  if (ctx.trace) carried.set('traceparent', ctx.trace);
  return carried;
};

/** @throws AppError `message.context_missing` */
export const contextOf = (carried: MsgHdrs | undefined): CallContext => {
  const text = carried?.get(CONTEXT_HEADER);
  if (!text) throw new AppError('message.context_missing', 'The message carries no call context.');
  return JSON.parse(decodeURIComponent(text)) as CallContext;
};
