import { AppError, uuidv7 } from '#kernel';
import type { FastifyHttpOptions, FastifyHttpsOptions, FastifyReply, FastifyRequest } from 'fastify';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Env } from '../env.js';
import { MAX_BODY_BYTES } from './body-parser.js';
import { codeOfStatus, problemHeaders, problemOf } from './problem.rules.js';

const MAX_HEADER_BYTES = 16_384;
const HEADERS_MS = 10_000;
/** Until the whole request has come in. */
const UPLOAD_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;
/** Above the longest wait for an answer. */
const SILENCE_MS = 310_000;
const SWEEP_MS = 2_000;
const REQUEST_ID = /^[A-Za-z0-9._:@/+=-]{1,128}$/;

/** The caller's X-Request-Id when it is harmless, else a new one. */
export const requestIdOf = (request: IncomingMessage): string => {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7();
};

/** A problem as a whole HTTP/1.1 response, for a socket that never becomes a request of ours. */
export const rawProblem = (error: AppError, requestId = uuidv7()): string => {
  const problem = problemOf(error, requestId);
  const body = JSON.stringify(problem);
  const headers = {
    ...problemHeaders(problem),
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`;
};

const CLIENT_ERRORS: Readonly<Record<string, [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `Request line and headers may hold ${MAX_HEADER_BYTES} bytes.`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request came in too slowly.'],
};

/** What Node refuses before there is a request. */
const refuse = (error: { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, message] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'Not an HTTP request.'];
  socket.end(rawProblem(new AppError(codeOfStatus(status)!, message)));
};

/** What Fastify refuses before a route is found: a URL that does not decode. */
const refuseRequest = (error: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): void => {
  const problem = problemOf(
    new AppError(codeOfStatus(error.statusCode ?? 400) ?? 'request.invalid', 'The URL cannot be read.'),
    request.id,
  );
  const headers = { ...problemHeaders(problem), 'x-request-id': request.id, 'x-content-type-options': 'nosniff' };
  void reply.code(problem.status).headers(headers).send(JSON.stringify(problem));
};

/** @throws AppError `settings.invalid` */
const readPem = (setting: string, file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new AppError('settings.invalid', `${setting}: the file "${file}" cannot be read.`, { cause });
  }
};

type Options = FastifyHttpOptions<Server> | FastifyHttpsOptions<SecureServer>;

/** @throws AppError `settings.invalid` when only one of TLS_CERT and TLS_KEY is given or one cannot be read */
export const serverOptions = (env: Env): Options => {
  if ((env.TLS_CERT === '') !== (env.TLS_KEY === '')) {
    throw new AppError('settings.invalid', 'TLS_CERT and TLS_KEY go together: give both or none.');
  }
  const node = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    connectionsCheckingInterval: SWEEP_MS,
    // Any other upgrade offer, such as h2c, is answered as the plain request it also is.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
  };
  const common = {
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: UPLOAD_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: SILENCE_MS,
    forceCloseConnections: 'idle' as const,
    trustProxy: env.TRUST_PROXY.length > 0 ? env.TRUST_PROXY : false,
    genReqId: requestIdOf,
    clientErrorHandler: refuse,
    frameworkErrors: refuseRequest,
    routerOptions: { maxParamLength: 200 },
  };
  if (env.TLS_CERT === '') return { ...common, http: node };
  return {
    ...common,
    https: { ...node, cert: readPem('TLS_CERT', env.TLS_CERT), key: readPem('TLS_KEY', env.TLS_KEY) },
  };
};
