import type { FastifyInstance, FastifyRequest } from 'fastify';

interface Route {
  method: string;
  pattern: RegExp;
}

const tables = new WeakMap<object, Route[]>();

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:[A-Za-z_]+/g, '[^/]+')}$`);

/** Keeps what is routed, so that a wrong method on a right path can be told from a wrong path. Call before any route. */
export const rememberRoutes = (fastify: FastifyInstance): void => {
  const routes: Route[] = [];
  tables.set(fastify.server, routes);
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, pattern: patternOf(url) });
  });
};

/** Methods that the request's path has; empty when nothing is routed there. */
export const allowedMethods = (request: FastifyRequest): string[] => {
  const path = request.url.split('?', 1)[0]!;
  const routes = tables.get(request.server.server) ?? [];
  return [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))].sort();
};
