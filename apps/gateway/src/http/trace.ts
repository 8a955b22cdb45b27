import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00, and neither id all zeros. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;
const SPAN_BYTES = 8;
const TRACE_BYTES = 16;
const SAMPLED = '01';

/** A traceparent of a new span: in the caller's trace when `parent` is one, else in a new one. */
export const childOf = (parent: string | string[] | undefined): string => {
  const [, trace, flags] = (typeof parent === 'string' && TRACEPARENT.exec(parent)) || [];
  return `00-${trace ?? randomBytes(TRACE_BYTES).toString('hex')}-${randomBytes(SPAN_BYTES).toString('hex')}-${flags ?? SAMPLED}`;
};
