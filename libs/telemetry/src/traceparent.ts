import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00, and neither id all zeros. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const SPAN_BYTES = 8;
const TRACE_BYTES = 16;
const SAMPLED = '01';
const NOT_SAMPLED = '00';
const TRACE_AT = 3;
const TRACE_LENGTH = 32;

/** A traceparent of a new span: in the caller's trace when `parent` is one, else in a new one. */
export const childOf = (parent: string | string[] | undefined): string => {
  const [, trace, , flags] = (typeof parent === 'string' && TRACEPARENT.exec(parent)) || [];
  return `00-${trace ?? randomBytes(TRACE_BYTES).toString('hex')}-${randomBytes(SPAN_BYTES).toString('hex')}-${flags ?? SAMPLED}`;
};

/** Null for what is no traceparent. */
export const spanContextOf = (traceparent: string | string[] | undefined): SpanContext | null => {
  const [, traceId, spanId, flags] = (typeof traceparent === 'string' && TRACEPARENT.exec(traceparent)) || [];
  if (!traceId || !spanId || !flags) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
};

export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? SAMPLED : NOT_SAMPLED}`;

/** The 32 hex digits that all spans of one trace share. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(TRACE_AT, TRACE_AT + TRACE_LENGTH);

/** The same context for work that goes on for as long as somebody watches: nobody would read a span a second. */
export const untraced = <C extends { trace?: string }>(ctx: C): C => {
  const span = spanContextOf(ctx.trace);
  return span ? { ...ctx, trace: traceparentOf({ ...span, traceFlags: TraceFlags.NONE }) } : ctx;
};
