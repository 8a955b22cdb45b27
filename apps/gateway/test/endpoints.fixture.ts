import type { RunningService } from '#service';
import { ModulesContainer } from '@nestjs/core';
import { endpointOf } from '../src/http/endpoint.js';
import type { EndpointSpec } from '../src/http/endpoint.types.js';

/** Every route the gateway has, as it declares itself. */
export const endpointsOf = ({ app }: RunningService): EndpointSpec[] =>
  [...app.get(ModulesContainer).values()]
    .flatMap((module) => [...module.controllers.values()])
    .flatMap(({ metatype }) => {
      const { prototype } = metatype as { prototype: object };
      return Object.getOwnPropertyNames(prototype).map((name) => {
        const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
        return typeof method === 'function' ? endpointOf(method) : undefined;
      });
    })
    .filter((endpoint) => endpoint !== undefined);

export const named = ({ method, path }: EndpointSpec): string => `${method} ${path}`;
