import type { PlantedCode } from './planted.js';

const lines = (count: number): string =>
  Array.from({ length: count }, (_, i) => `export const line${i} = ${i};`).join('\n');
const body = (count: number): string => `export const long = (): void => {\n${'  void 0;\n'.repeat(count)}};`;
const constructor = (count: number): string =>
  `export class Service { constructor(${Array.from({ length: count }, (_, i) => `readonly part${i}: string`).join(', ')}) {} }`;
const read = 'export const rows = (database: { acrossTeams(reason: string): number }): number =>';

/** By rule of eslint.config.js, for what every file, and every file of an app, keeps. */
export const plantedCode: Record<string, PlantedCode> = {
  'max-lines': {
    violates: {
      'apps/one/src/long.ts': lines(301),
      'scripts/long.mjs': lines(301),
      'apps/one/src/long.spec.ts': lines(301),
    },
    allowed: { 'apps/one/src/full.ts': `${lines(300)}\n// One more line.\n` },
  },
  'max-lines-per-function': {
    violates: { 'apps/one/src/function.ts': body(59), 'scripts/function.mjs': body(59).replace(': void', '') },
    allowed: {
      'apps/one/src/function-full.ts': body(58),
      'apps/one/migrations/0001-tables.ts': body(80),
      'apps/one/test/rows.ts': body(80),
    },
  },
  eqeqeq: {
    violates: {
      'apps/one/src/equal.ts': 'export const same = (a: string, b: string): boolean => a == b;',
      // No comment makes an exception.
      'apps/one/src/excused.ts': '/* eslint-disable */\nexport const same = (a: string, b: string): boolean => a == b;',
      'scripts/equal.mjs': 'export const same = (a, b) => a == b;',
    },
    allowed: { 'apps/one/src/same.ts': 'export const same = (a: string, b: string): boolean => a === b;' },
  },
  'ts/no-floating-promises': {
    violates: {
      'apps/one/src/floating.ts': 'export const start = (work: () => Promise<void>): void => {\n  work();\n};',
      'apps/one/src/floating.spec.ts': 'export const start = (work: () => Promise<void>): void => {\n  work();\n};',
    },
    allowed: {
      'apps/one/src/awaited.ts':
        'export const start = async (work: () => Promise<void>): Promise<void> => {\n  await work();\n};',
    },
  },
  'ts/no-misused-promises': {
    violates: {
      'apps/one/src/misused.ts': 'export const open = (isOpen: () => Promise<boolean>): number => (isOpen() ? 1 : 0);',
    },
    allowed: {
      'apps/one/src/asked.ts':
        'export const open = async (isOpen: () => Promise<boolean>): Promise<number> => ((await isOpen()) ? 1 : 0);',
    },
  },
  'ts/switch-exhaustiveness-check': {
    violates: {
      'apps/one/src/missing-case.ts': `export const f = (status: 'open' | 'shut'): number => {\n  switch (status) {\n    case 'open':\n      return 1;\n  }\n  return 0;\n};`,
    },
    allowed: {
      'apps/one/src/every-case.ts': `export const f = (status: 'open' | 'shut'): number => {\n  switch (status) {\n    case 'open':\n      return 1;\n    case 'shut':\n      return 0;\n  }\n};`,
    },
  },
  'ts/no-explicit-any': {
    violates: { 'apps/one/src/any.ts': 'export const parsed = (text: string): any => JSON.parse(text);' },
    allowed: {
      'apps/one/src/unknown.ts': 'export const parsed = (text: string): unknown => JSON.parse(text);',
      'apps/one/test/answer.ts': 'export const answer = (text: string): any => JSON.parse(text);',
    },
  },
  'ts/consistent-type-imports': {
    violates: { 'apps/one/src/class-import.ts': `import { Stats } from 'node:fs';\nexport type A = Stats;` },
    allowed: { 'apps/one/src/type-import.ts': `import type { Stats } from 'node:fs';\nexport type A = Stats;` },
  },
  'ts/no-unused-vars': {
    violates: { 'apps/one/src/unused.ts': 'const unused = 1;\nexport {};' },
    allowed: {
      'apps/one/src/unused-argument.ts': 'export const f = (_first: string, second: string): string => second;',
    },
  },
  'house/settings-in-env': {
    violates: {
      'apps/one/src/settings.ts': 'export const port = process.env.PORT;',
      'apps/one/src/settings-taken.ts': 'const { env } = process;\nexport const port = env.PORT;',
      'apps/one/src/settings-imported.ts': `import { env } from 'node:process';\nexport const port = env.PORT;`,
      'libs/blobs/src/settings.ts': `export const port = process['env'].PORT;`,
    },
    allowed: {
      'apps/one/src/env.ts': 'export const port = process.env.PORT;',
      'apps/one/src/main.ts': 'export const source = process.env;',
      'apps/one/test/url.ts': 'export const url = process.env.TEST_ADMIN_URL;',
      'apps/one/src/run.env.ts': 'export const f = (process: { platform: string }): string => process.platform;',
    },
  },
  'house/constructor-parameters': {
    violates: { 'apps/one/src/seven.service.ts': constructor(7) },
    allowed: { 'apps/one/src/six.service.ts': constructor(6) },
  },
  'house/across-teams': {
    violates: {
      'apps/one/src/rows.service.ts': `${read} database.acrossTeams('all');`,
      'apps/one/src/rows.repository.ts': `${read} database['acrossTeams']('all');`,
      'libs/messaging/src/bus.ts': `${read} {\n  const { acrossTeams } = database;\n  return acrossTeams('all');\n};`,
    },
    allowed: {
      'apps/one/src/rows.worker.ts': `${read} database.acrossTeams('due');`,
      'apps/one/src/rows.consumers.ts': `${read} database.acrossTeams('heard');`,
      'libs/messaging/src/relay.ts': `${read} database.acrossTeams('unsent');`,
      'libs/messaging/src/inbox.ts': `${read} database.acrossTeams('seen');`,
      'apps/one/src/rows.db.spec.ts': `${read} database.acrossTeams('count');`,
    },
  },
  'house/no-forward-ref': {
    violates: {
      'apps/one/src/forward.ts': `import { forwardRef } from '@nestjs/common';\nexport const one = forwardRef(() => String);`,
    },
    allowed: {
      'apps/one/src/injected.ts': `import { Inject } from '@nestjs/common';\nexport const one = Inject(String);`,
    },
  },
  'house/messages-through-the-bus': {
    violates: {
      'apps/one/src/one.rpc.ts': `import { MessagePattern } from '@nestjs/microservices';\nexport const one = MessagePattern('one');`,
      'apps/one/src/one.consumers.ts': `import { EventPattern as On } from '@nestjs/microservices';\nexport const one = On('one');`,
      'libs/service/src/call.ts': `import type { ClientProxy } from '@nestjs/microservices';\nexport type A = ClientProxy;`,
    },
    allowed: {
      'libs/messaging/src/handles.ts': `import { MessagePattern } from '@nestjs/microservices';\nexport const one = MessagePattern('one');`,
    },
  },
  'house/http-errors-at-the-door': {
    violates: {
      'apps/one/src/missing.service.ts': `import { NotFoundException } from '@nestjs/common';\nexport const e = new NotFoundException();`,
      'libs/service/src/broken.ts': `import { HttpException } from '@nestjs/common';\nexport const e = new HttpException('', 500);`,
    },
    allowed: {
      'apps/gateway/src/problem.ts': `import { HttpException } from '@nestjs/common';\nexport const e = new HttpException('', 500);`,
    },
  },
  'house/http-at-the-edge': {
    violates: {
      'apps/one/src/model.ts': `export const ask = (): Promise<Response> => fetch('http://model');`,
      'apps/one/src/events.ts': `export const open = (): unknown => new EventSource('/live');`,
      'apps/one/src/socket.ts': `export const open = (): WebSocket => new WebSocket('ws://live');`,
    },
    allowed: {
      'apps/gateway/src/proxy.ts': `export const ask = (): Promise<Response> => fetch('http://issuer');`,
      'clients/typescript/src/call.ts': `export const ask = (): Promise<Response> => fetch('/api');`,
      'apps/one/test/call.ts': `export const ask = (): Promise<Response> => fetch('/api');`,
      'apps/one/src/batch.ts': 'export const next = (fetch: () => number): number => fetch();',
    },
  },
  'house/routes-are-endpoints': {
    violates: {
      'apps/gateway/src/raw.controller.ts': `import { Get } from '@nestjs/common';\nexport const route = Get('/raw');`,
      'apps/gateway/src/raw.server.ts':
        'export const add = (fastify: { get(path: string): void }): void => fastify.get("/raw");',
      'apps/gateway/src/bare.controller.ts': `import { Controller } from '@nestjs/common';\n@Controller()\nexport class Bare {\n  list(): void {}\n}`,
    },
    allowed: {
      'apps/gateway/src/http/endpoint.ts': `import { RequestMapping } from '@nestjs/common';\nexport const Endpoint = (path: string) => RequestMapping({ path });`,
      'apps/gateway/src/one.controller.ts': `import { Controller } from '@nestjs/common';\nimport { Endpoint } from './http/endpoint.js';\n@Controller()\nexport class One {\n  @Endpoint('/')\n  list(): void {}\n  private rows(): void {}\n}`,
    },
  },
  'hooks/rules-of-hooks': {
    violates: {
      'apps/console/src/one/conditional.tsx':
        "import { useState } from 'react';\nexport const useOne = (on: boolean) => (on ? useState(1) : null);",
    },
    allowed: {
      'apps/console/src/one/always.tsx': "import { useState } from 'react';\nexport const useOne = () => useState(1);",
    },
  },
  'hooks/exhaustive-deps': {
    violates: {
      'apps/console/src/one/stale.tsx':
        "import { useEffect } from 'react';\nexport const useTitle = (title: string): void => {\n  useEffect(() => {\n    document.title = title;\n  }, []);\n};",
    },
    allowed: {
      'apps/console/src/one/fresh.tsx':
        "import { useEffect } from 'react';\nexport const useTitle = (title: string): void => {\n  useEffect(() => {\n    document.title = title;\n  }, [title]);\n};",
    },
  },
  'hooks/purity': {
    violates: {
      'apps/console/src/one/unstable.tsx': 'export const Lot = () => <p>{Math.random()}</p>;',
    },
    allowed: {
      'apps/console/src/one/stable.tsx': 'export const Lot = ({ lot }: { lot: number }) => <p>{lot}</p>;',
    },
  },
  'house/text-stays-text': {
    violates: {
      'apps/console/src/one/markup.tsx':
        'export const Thought = ({ text }: { text: string }) => <p dangerouslySetInnerHTML={{ __html: text }} />;',
      'apps/console/src/one/inner.ts':
        'export const show = (place: HTMLElement, text: string): void => {\n  place.innerHTML = text;\n};',
      'apps/console/src/one/frame.tsx':
        'export const Report = ({ text }: { text: string }) => <iframe srcDoc={text} />;',
    },
    allowed: {
      'apps/console/src/one/text.tsx': 'export const Thought = ({ text }: { text: string }) => <p>{text}</p>;',
    },
  },
  'house/no-barrels': {
    violates: { 'apps/one/src/everything.ts': `export * from './env.js';` },
    allowed: { 'libs/kernel/src/index.ts': `export * from 'node:path';` },
  },
  'house/index-is-a-front-door': {
    violates: { 'apps/one/src/noun/index.ts': 'export {};', 'libs/kernel/src/noun/index.ts': 'export {};' },
    allowed: { 'libs/blobs/src/index.ts': 'export {};', 'clients/typescript/src/index.ts': 'export {};' },
  },
  'house/named-by-noun': {
    violates: {
      'apps/one/src/common/id.ts': 'export {};',
      'libs/shared/src/id.ts': 'export {};',
      'apps/one/src/utils.ts': 'export {};',
      'apps/one/test/helpers.ts': 'export {};',
    },
    allowed: { 'apps/one/src/commons/id.ts': 'export {};' },
  },
};
