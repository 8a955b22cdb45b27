import 'reflect-metadata';
import { Bus } from '#messaging';
import { Database, FactLog } from '#persistence';
import { ENV, PLATFORM } from '#service';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { OpenApi } from '../../apps/gateway/src/http/openapi.js';

class Described {}

/** What a running service gets from its platform; nothing reads it here. */
const platform = [ENV, PLATFORM, Database, FactLog, Bus];

/** The gateway's own OpenAPI document. Nest's preview mode reads the routes and makes no instance of anything. */
export const openApiDocument = async (): Promise<object> => {
  const module: DynamicModule = {
    module: Described,
    global: true,
    imports: [GatewayModule],
    providers: platform.map((provide) => ({ provide, useValue: null })),
    exports: platform,
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const openApi = new OpenApi();
  openApi.describes(app);
  const document = openApi.document();
  const dangling = danglingReferences(document);
  if (dangling.length > 0)
    throw new Error(`the OpenAPI document refers to what it does not hold: ${dangling.join(', ')}`);
  return document;
};

/** References that lead nowhere, which generators would turn into types that accept nothing. */
const danglingReferences = (document: { components?: { schemas?: object } }): string[] => {
  const known = Object.keys(document.components?.schemas ?? {}).map((name) => `#/components/schemas/${name}`);
  const named = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference!);
  return [...new Set(named)].filter((reference) => !known.includes(reference));
};
