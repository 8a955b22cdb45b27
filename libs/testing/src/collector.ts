import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as it came over the wire, with what its resource says. */
export interface CollectedSpan {
  trace_id: string;
  span_id: string;
  /** Empty for a span without a parent. */
  parent_id: string;
  service: string;
  name: string;
  /** OTLP's numbers: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  /** Milliseconds since 1970. */
  start_ms: number;
  end_ms: number;
  attributes: Record<string, unknown>;
  /** Trace ids. */
  links: string[];
  /** 2: error. */
  status: number;
}

interface Value {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
}

interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: { key: string; value: Value }[];
  links?: { traceId: string }[];
  status?: { code?: number };
}

interface Wire {
  resourceSpans: {
    resource: { attributes: { key: string; value: Value }[] };
    scopeSpans: { spans: WireSpan[] }[];
  }[];
}

const NS_PER_MS = 1e6;

const plain = (attributes: { key: string; value: Value }[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const spansOf = ({ resourceSpans }: Wire): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        trace_id: span.traceId,
        span_id: span.spanId,
        parent_id: span.parentSpanId ?? '',
        service: String(plain(resource.attributes)['service.name']),
        name: span.name,
        kind: span.kind,
        start_ms: Number(span.startTimeUnixNano) / NS_PER_MS,
        end_ms: Number(span.endTimeUnixNano) / NS_PER_MS,
        attributes: plain(span.attributes),
        links: (span.links ?? []).map(({ traceId }) => traceId),
        status: span.status?.code ?? 0,
      })),
  );

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
};

/** What was posted, as it came. */
export interface Posted {
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** OTLP over HTTP on loopback, as a collector takes it. Batches as JSON are read, others only kept. */
export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  spans: CollectedSpan[];
  posted: Posted[];
  /** The status it answers from now on; null: it takes a batch and never answers. */
  answer: number | null;
  close(): Promise<void>;
}

export const startCollector = async (): Promise<Collector> => {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      collector.posted.push({ path: request.url ?? '', headers: request.headers, body });
      if (collector.answer === null) return;
      const type = request.headers['content-type'] ?? '';
      const isTaken = collector.answer === 200 && request.method === 'POST' && request.url === '/v1/traces';
      if (isTaken && type === 'application/json') collector.spans.push(...spansOf(JSON.parse(body.toString()) as Wire));
      response.writeHead(isTaken ? 200 : collector.answer === 200 ? 404 : collector.answer, { 'content-type': type });
      response.end(type === 'application/json' ? '{}' : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    posted: [],
    answer: 200,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return collector;
};
