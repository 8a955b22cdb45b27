import { AppError } from '#kernel';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { servePages } from '../console/console.pages.js';
import type { Env } from '../env.js';
import { observeRequest } from '../health/http-metrics.js';
import { ClientAddresses } from '../live/client-address.js';
import { LiveServer } from '../live/live.server.js';
import { rememberRoutes } from './allowed-methods.js';
import { useStrictBodies } from './body-parser.js';
import { capConnections } from './connection-cap.js';
import { OpenApi } from './openapi.js';
import { traceRequests } from './request-span.js';
import { serverOptions } from './server-options.js';

const HSTS_S = 31_536_000;

const SECURITY_HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  hsts: { maxAge: HSTS_S, includeSubDomains: true },
  referrerPolicy: { policy: 'no-referrer' as const },
  frameguard: { action: 'deny' as const },
};

const prepare = async (fastify: FastifyInstance, env: Env): Promise<void> => {
  rememberRoutes(fastify);
  traceRequests(fastify);
  useStrictBodies(fastify);
  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('cache-control', 'no-store');
  });
  // A client that is still sending would be reset before it has read its answer: what comes is read and dropped.
  fastify.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === 413) reply.removeHeader('connection');
  });
  fastify.addHook('onResponse', async (request, reply) => observeRequest(request, reply));
  await fastify.register(helmet, SECURITY_HEADERS);
  await servePages(fastify);
  if (env.CORS_ORIGINS.length > 0) {
    await fastify.register(cors, {
      origin: env.CORS_ORIGINS,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'traceparent', 'x-request-id', 'x-team-id'],
      exposedHeaders: ['ratelimit', 'ratelimit-policy', 'retry-after', 'traceresponse', 'x-request-id'],
      strictPreflight: false,
    });
  }
};

/** @throws AppError `gateway.port_taken`, `gateway.address_unusable` */
const listen = async (app: NestFastifyApplication, { PORT, HOST }: Env): Promise<void> => {
  try {
    await app.listen(PORT, HOST);
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === 'EADDRINUSE') {
      throw new AppError('gateway.port_taken', `Port ${PORT} on ${HOST} is taken; stop what uses it or set PORT.`, {
        cause,
      });
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new AppError('gateway.address_unusable', `Cannot listen on ${HOST}:${PORT}; set HOST or PORT.`, { cause });
    }
    throw cause;
  }
};

/** The gateway's application, listening. */
export const createApp = async (module: DynamicModule, env: Env): Promise<NestFastifyApplication> => {
  const adapter = new FastifyAdapter(serverOptions(env) as ConstructorParameters<typeof FastifyAdapter>[0]);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
  });
  try {
    await prepare(adapter.getInstance() as unknown as FastifyInstance, env);
    app.get(OpenApi, { strict: false }).describes(app);
    app.get(LiveServer, { strict: false }).attach();
    const addresses = new ClientAddresses(env.TRUST_PROXY);
    capConnections(app.getHttpServer(), env.MAX_CONNECTIONS_PER_CLIENT, (address) => addresses.isProxy(address));
    await listen(app, env);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
};
