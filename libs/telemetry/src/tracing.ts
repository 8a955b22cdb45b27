import { isAppError } from '#kernel';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { AsyncLocalStorage } from 'node:async_hooks';
import { childOf, spanContextOf, traceIdOf, traceparentOf } from './traceparent.js';

/** Values of OpenTelemetry's semantic conventions or of ours (`spectrace.*`); never a body, an argument or a secret. */
export type SpanAttributes = Attributes;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

export interface SpanSpec {
  /** Whose work it is: `service.name` of the span. */
  service: string;
  /** Low cardinality: a route, a subject, a tool; no id. */
  name: string;
  kind?: keyof typeof KINDS;
  /** The traceparent that a message or a row brought along: its span is the parent. */
  parent?: string;
  /** The traceparent of the call context: says which trace; in it the span that the code is in is the parent. */
  within?: string;
  /** Begins a trace when there is none to belong to, recorded or not; any other span is then not made. */
  begins?: boolean;
  /** Traceparents of what else led here. */
  links?: string[];
  attributes?: SpanAttributes;
}

/** The span that the running code is in, or, where nothing is recorded, the traceparent it was reached with. */
type Place = Span | string | null;

const here = new AsyncLocalStorage<Place>();
let tracerOf: ((service: string) => Tracer) | null = null;

/** Turns tracing on for the process, or, with null, off. */
export const traceWith = (tracers: typeof tracerOf): void => {
  tracerOf = tracers;
};

const traceparentAt = (place: Place): string | undefined =>
  typeof place === 'string' ? place : place ? traceparentOf(place.spanContext()) : undefined;

/** The traceparent of where the running code is, also where no span is recorded; absent outside of any trace. */
export const currentTrace = (): string | undefined => traceparentAt(here.getStore() ?? null);

/** The trace id of where the running code is. */
export const currentTraceId = (): string | undefined => {
  const place = currentTrace();
  return place === undefined ? undefined : traceIdOf(place);
};

/** Where a call within the trace of `given` stands: the span that the code is in, when it is one of that trace. */
const placeWithin = (given: string | undefined): Place => {
  const place = here.getStore() ?? null;
  if (given === undefined) return place;
  const at = traceparentAt(place);
  return at !== undefined && traceIdOf(at) === traceIdOf(given) ? place : given;
};

/** The context with the span that the code is in as what whoever gets the context is caused by. */
export const withTrace = <C extends { trace?: string }>(ctx: C): C => {
  const trace = traceparentAt(placeWithin(ctx.trace));
  return trace === ctx.trace ? ctx : { ...ctx, trace };
};

/** A refusal is an answer like any other; whatever else goes wrong is a fault of ours. */
export const isFault = (error: unknown): boolean =>
  !isAppError(error) || error.retryable || error.code === 'internal.error';

/** What is told of an error: its code, an SQLSTATE or a class name. Messages may hold what nobody may read here. */
export const errorTypeOf = (error: unknown): string => {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
};

/** A span whose end is told apart from its beginning. */
export interface OpenSpan {
  /** What is caused by it carries this. */
  readonly traceparent: string | undefined;
  /** The work, and everything it starts, is inside. */
  run<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  fail(error: unknown): void;
  /** Once; a second time does nothing. */
  end(): void;
}

/** A span that nobody records: all it knows is where it stands. */
class Unrecorded implements OpenSpan {
  constructor(private readonly place: Place) {}

  get traceparent(): string | undefined {
    return traceparentAt(this.place);
  }

  run<T>(work: () => T): T {
    return this.place === (here.getStore() ?? null) ? work() : here.run(this.place, work);
  }

  set(): void {}
  fail(): void {}
  end(): void {}
}

const recorded = (span: Span): OpenSpan => ({
  traceparent: traceparentOf(span.spanContext()),
  run: (work) => here.run(span, work),
  set: (attributes) => void span.setAttributes(attributes),
  fail: (error) => {
    span.setAttribute('error.type', errorTypeOf(error));
    if (isFault(error)) span.setStatus({ code: SpanStatusCode.ERROR });
  },
  end: () => span.isRecording() && span.end(),
});

const contextAt = (place: Place): Context => {
  if (place === null) return ROOT_CONTEXT;
  if (typeof place !== 'string') return trace.setSpan(ROOT_CONTEXT, place);
  const parent = spanContextOf(place);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
};

/** Begins a span; whoever gets it has to end it. */
export const openSpan = (spec: SpanSpec): OpenSpan => {
  const { service, name, kind = 'internal', parent, within, begins = false, links = [], attributes } = spec;
  const place = spanContextOf(parent) ? parent! : placeWithin(within);
  if (!tracerOf) return new Unrecorded(begins ? childOf(traceparentAt(place)) : place);
  if (place === null && !begins) return new Unrecorded(null);
  const linked = links.map(spanContextOf).filter((context) => context !== null);
  const options = { kind: KINDS[kind], attributes, links: linked.map((context) => ({ context })) };
  return recorded(tracerOf(service).startSpan(name, options, contextAt(place)));
};

/** Does the work in a span. */
export const inSpan = <T>(spec: SpanSpec, work: (span: OpenSpan) => Promise<T>): Promise<T> => {
  const span = openSpan(spec);
  const result = span.run(() => work(span));
  return span instanceof Unrecorded ? result : closing(span, result);
};

const closing = async <T>(span: OpenSpan, result: Promise<T>): Promise<T> => {
  try {
    return await result;
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
};

/** Starts what goes on by itself and belongs to no trace, whoever happened to start it. */
export const outsideSpans = <T>(work: () => T): T => (here.getStore() ? here.run(null, work) : work());
