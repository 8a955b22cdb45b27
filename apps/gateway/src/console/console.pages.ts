import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../health/version.js';
import { isPage, pagePolicy, pageWith } from './console.rules.js';

const FOLDER = join(PACKAGE_ROOT, 'dist/apps/console');
const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>SpecTrace</title>
<h1>SpecTrace</h1>
<p>The console has not been built: run <code>npm run build</code> and start again. The HTTP interface works:
<a href="/api/docs">all routes</a>.</p></html>
`;
const NONCE_BYTES = 16;

/** The built console: pages for whoever asks for HTML, its files below `/assets/`. Nobody has to be known for either. */
export const servePages = async (fastify: FastifyInstance): Promise<void> => {
  const file = join(FOLDER, 'index.html');
  const template = existsSync(file) ? readFileSync(file, 'utf8') : NOT_BUILT;
  fastify.addHook('onRequest', async (request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    if (!isPage({ method: request.method, path, accept: request.headers.accept })) return;
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    reply.header('content-security-policy', pagePolicy(nonce));
    reply.type('text/html; charset=utf-8').send(pageWith(template, nonce));
    return reply;
  });
  if (!existsSync(FOLDER)) return;
  // File names below assets/ carry a digest of their content; the build put .br and .gz beside them.
  await fastify.register(fastifyStatic, {
    root: FOLDER,
    index: false,
    wildcard: false,
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, path) => {
      const forever = path.startsWith(join(FOLDER, 'assets'));
      reply.header('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
};
