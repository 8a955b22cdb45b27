import { AppError, parseStrictJson } from '#kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { YAML_ROUTE } from './endpoint.js';

export const MAX_BODY_BYTES = 1_048_576;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws AppError `request.media_type`: another charset or a compressed body */
const assertPlainUtf8 = (request: FastifyRequest): void => {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset && !/^utf-?8$/i.test(charset)) throw new AppError('request.media_type', 'Only UTF-8 is read here.');
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new AppError('request.media_type', 'Compressed bodies are not read here.');
};

const textOf = (bytes: Buffer, code: string): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    const message = 'is not valid UTF-8';
    throw new AppError(code, `The body ${message}.`, { details: { errors: [{ path: '', message }] } });
  }
};

const parseJson = (request: FastifyRequest, bytes: Buffer): unknown => {
  assertPlainUtf8(request);
  return bytes.length === 0 ? undefined : parseStrictJson(textOf(bytes, 'json.invalid'));
};

/** A playbook file as it is: the input's `source`. */
const parseYaml = (request: FastifyRequest, bytes: Buffer): unknown => {
  const config = request.routeOptions.config as { [YAML_ROUTE]?: boolean };
  if (!config[YAML_ROUTE]) throw new AppError('request.media_type', 'Only application/json is read here.');
  assertPlainUtf8(request);
  return { source: textOf(bytes, 'request.yaml_invalid') };
};

/** Replaces Fastify's parsers: strict JSON, and YAML where a route takes it; every other type is a 415. */
export const useStrictBodies = (fastify: FastifyInstance): void => {
  fastify.removeAllContentTypeParsers();
  const add = (types: string[], parse: (request: FastifyRequest, bytes: Buffer) => unknown): void => {
    fastify.addContentTypeParser(
      types,
      { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
      async (request: FastifyRequest, bytes: string | Buffer) => parse(request, bytes as Buffer),
    );
  };
  add(['application/json'], parseJson);
  add(['application/yaml', 'application/x-yaml', 'text/yaml'], parseYaml);
};
