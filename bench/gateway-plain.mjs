// The peer: plain Fastify that answers who a caller is, from memory, behind the same check of the same tokens, with a
// response schema and the gateway's security headers, and nothing else.
// argv: {key (PEM of the public key), kid, peopleFile (JSON: user id -> answer), remembers} as JSON; `remembers`: a token
// whose signature was found good is not verified again before it expires.
import helmet from '@fastify/helmet';
import fastify from 'fastify';
import { jwtVerify } from 'jose';
import { createPublicKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { key, kid, peopleFile, remembers } = JSON.parse(process.argv[2]);
const people = JSON.parse(readFileSync(peopleFile, 'utf8'));
const publicKey = createPublicKey(key);
const options = {
  algorithms: ['EdDSA'],
  issuer: 'spectrace',
  audience: 'spectrace:api',
  typ: 'JWT',
  maxTokenAge: 600,
  requiredClaims: ['sub', 'exp', 'jti', 'team', 'sid'],
};
const known = new Map();

const verify = async (token) => {
  const { payload } = await jwtVerify(
    token,
    (header) => {
      if (header.kid !== kid) throw new Error('another key');
      return publicKey;
    },
    options,
  );
  return payload;
};

const claimsOf = async (token) => {
  if (!remembers) return verify(token);
  const found = known.get(token);
  if (found && found.exp * 1_000 > Date.now()) return found;
  const claims = await verify(token);
  known.set(token, claims);
  return claims;
};

const text = { type: 'string' };
const bool = { type: 'boolean' };
const texts = { type: 'array', items: text };
const object = (properties) => ({ type: 'object', properties });
const me = object({
  principal: object({ kind: text, id: text, name: text }),
  user: object({ id: text, email: text, name: text, installation_admin: bool }),
  team: text,
  roles: texts,
  permissions: texts,
  teams: { type: 'array', items: object({ id: text, name: text, role: text }) },
  password_change_required: bool,
});

const server = fastify({ genReqId: () => randomUUID() });
await server.register(helmet, {
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
  hsts: { maxAge: 31_536_000, includeSubDomains: true },
  referrerPolicy: { policy: 'no-referrer' },
  frameguard: { action: 'deny' },
});
server.addHook('onRequest', async (request, reply) => {
  reply.header('x-request-id', request.id);
  // It traces nothing: a header of the same length.
  reply.header('traceresponse', `00-${request.id.replaceAll('-', '')}-0000000000000000-01`);
  reply.header('cache-control', 'no-store');
});
server.addHook('preHandler', async (request, reply) => {
  const [, token] = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.authorization ?? '') ?? [];
  try {
    request.claims = await claimsOf(token ?? '');
  } catch {
    return reply.code(401).send({ title: 'Unauthorized' });
  }
});
server.get('/api/auth/me', { schema: { response: { 200: me } } }, async (request) => people[request.claims.sub]);
await server.listen({ port: 0, host: '127.0.0.1' });
process.on('disconnect', () => process.exit());
process.send({ port: server.server.address().port });
