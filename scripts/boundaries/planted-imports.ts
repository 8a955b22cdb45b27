import type { Files, PlantedImports } from './planted.js';

const nothing = 'export {};';
const imports = (...modules: string[]): string => modules.map((module) => `import '${module}';`).join('\n');
/** An app `one` that consists of these files, all in use. */
const one = (files: Files): Files => ({
  'apps/one/src/main.ts': imports(
    ...Object.keys(files)
      .filter((path) => path.startsWith('apps/one/src/'))
      .map((path) => path.replace('apps/one/src', '.').replace('.ts', '.js')),
  ),
  ...files,
});
const kernel = { 'libs/kernel/src/index.ts': nothing };
const blobs = { 'libs/blobs/src/index.ts': nothing };
const testing = { 'libs/testing/src/index.ts': nothing };

/** By rule of .dependency-cruiser.cjs. */
export const plantedImports: Record<string, PlantedImports> = {
  'no-cycles': {
    violates: [
      one({ 'apps/one/src/a.ts': imports('./b.js'), 'apps/one/src/b.ts': imports('./a.js') }),
      one({
        'apps/one/src/a.ts': `import type { B } from './b.js'; export type A = B;`,
        'apps/one/src/b.ts': `import type { A } from './a.js'; export type B = A;`,
      }),
    ],
    allowed: [one({ 'apps/one/src/a.ts': imports('./b.js'), 'apps/one/src/b.ts': nothing })],
  },
  'apps-are-islands': {
    violates: [
      { 'apps/one/src/main.ts': imports('../../two/src/definition.js'), 'apps/two/src/definition.ts': nothing },
      { 'apps/one/test/one.test.ts': imports('../../suite/src/main.js'), 'apps/suite/src/main.ts': nothing },
    ],
    allowed: [
      { 'apps/suite/src/main.ts': imports('../../two/src/definition.js'), 'apps/two/src/definition.ts': nothing },
    ],
  },
  'suite-starts-definitions': {
    violates: [
      {
        'apps/suite/src/main.ts': imports('../../one/src/one.service.js'),
        ...one({ 'apps/one/src/one.service.ts': nothing }),
      },
    ],
    allowed: [{ 'apps/suite/src/main.ts': imports('./home.js'), 'apps/suite/src/home.ts': nothing }],
  },
  'libs-never-import-apps': {
    violates: [
      {
        'libs/service/src/index.ts': imports('../../../apps/one/src/definition.js'),
        'apps/one/src/definition.ts': nothing,
      },
    ],
    allowed: [one({ 'apps/one/src/one.ts': imports('#blobs'), ...blobs })],
  },
  'kernel-stands-alone': {
    violates: [
      { 'libs/kernel/src/index.ts': imports('#blobs'), ...blobs },
      { 'libs/kernel/src/index.ts': imports('@nestjs/common') },
      { 'libs/kernel/src/index.ts': imports('node:fs') },
    ],
    allowed: [
      {
        'libs/kernel/src/index.ts': imports('node:async_hooks', 'node:crypto', 'uuid', './id.js'),
        'libs/kernel/src/id.ts': nothing,
      },
    ],
  },
  'contracts-import-kernel-only': {
    violates: [{ 'libs/contracts/src/index.ts': imports('#blobs'), ...blobs }],
    allowed: [{ 'libs/contracts/src/index.ts': imports('#kernel', 'class-validator'), ...kernel }],
  },
  'libs-through-their-front-door': {
    violates: [
      one({
        'apps/one/src/one.ts': imports('../../../libs/kernel/src/id.js'),
        'libs/kernel/src/id.ts': nothing,
        'libs/kernel/src/index.ts': imports('./id.js'),
      }),
      {
        'libs/blobs/src/index.ts': imports('../../kernel/src/id.js'),
        'libs/kernel/src/id.ts': nothing,
        'libs/kernel/src/index.ts': imports('./id.js'),
      },
      // An app of a lib's name is not that lib.
      {
        'apps/kernel/src/main.ts': imports('../../../libs/kernel/src/id.js'),
        'libs/kernel/src/id.ts': nothing,
        'libs/kernel/src/index.ts': imports('./id.js'),
      },
    ],
    allowed: [
      one({ 'apps/one/src/one.ts': imports('#kernel'), ...kernel }),
      {
        'libs/kernel/test/id.test.ts': imports('../src/id.js'),
        'libs/kernel/src/id.ts': nothing,
        'libs/kernel/src/index.ts': imports('./id.js'),
      },
    ],
  },
  'rules-import-rules': {
    violates: [
      one({ 'apps/one/src/one.rules.ts': imports('./one.service.js'), 'apps/one/src/one.service.ts': nothing }),
      one({ 'apps/one/src/one.rules.ts': imports('#blobs'), ...blobs }),
    ],
    allowed: [
      one({
        'apps/one/src/one.rules.ts': imports(
          './two.rules.js',
          './one.types.js',
          './one.errors.js',
          '#kernel',
          '#trace',
        ),
        'apps/one/src/two.rules.ts': `import type { Port } from './port.js'; export type P = Port;`,
        'apps/one/src/one.types.ts': nothing,
        'apps/one/src/one.errors.ts': nothing,
        'apps/one/src/port.ts': 'export interface Port { open: boolean }',
        'libs/trace/src/index.ts': nothing,
        ...kernel,
      }),
    ],
  },
  'rules-know-no-entity': {
    violates: [
      one({
        'apps/one/src/one.rules.ts': `import type { One } from './one.entity.js'; export type A = One;`,
        'apps/one/src/one.entity.ts': 'export class One {}',
      }),
      one({ 'apps/one/src/one.rules.ts': imports('@nestjs/common') }),
      one({ 'apps/one/src/one.rules.ts': `import type { DataSource } from 'typeorm'; export type A = DataSource;` }),
    ],
    allowed: [
      one({ 'apps/one/src/one.view.ts': imports('./one.entity.js'), 'apps/one/src/one.entity.ts': imports('typeorm') }),
    ],
  },
  'rules-use-pure-packages': {
    violates: [
      one({ 'apps/one/src/one.rules.ts': imports('node:fs') }),
      one({ 'apps/one/src/one.rules.ts': imports('pg') }),
      // A package whose files lie in a folder dist.
      one({ 'apps/one/src/one.rules.ts': imports('envalid') }),
    ],
    allowed: [one({ 'apps/one/src/one.rules.ts': imports('picomatch', 'yaml', '@marcbachmann/cel-js') })],
  },
  'console-and-cli-are-clients': {
    violates: [
      { 'apps/cli/src/main.ts': imports('#kernel'), ...kernel },
      { 'apps/console/src/main.ts': imports('#blobs'), ...blobs },
    ],
    allowed: [
      {
        'apps/cli/src/main.ts': imports('#client', '../../../libs/merkle/src/index.js'),
        'clients/typescript/src/index.ts': nothing,
        'libs/merkle/src/index.ts': nothing,
      },
    ],
  },
  'clients-stand-alone': {
    violates: [{ 'clients/typescript/src/index.ts': imports('#kernel'), ...kernel }],
    allowed: [{ 'clients/typescript/src/index.ts': imports('./api.js'), 'clients/typescript/src/api.ts': nothing }],
  },
  'tests-never-in-production': {
    violates: [
      one({ 'apps/one/src/one.ts': imports('#testing'), ...testing }),
      one({ 'apps/one/src/one.ts': imports('../test/rows.js'), 'apps/one/test/rows.ts': nothing }),
      one({ 'apps/one/src/one.ts': imports('./two.spec.js'), 'apps/one/src/two.spec.ts': nothing }),
    ].map((files) => ({ ...files, 'apps/one/src/main.ts': imports('./one.js') })),
    allowed: [
      {
        'apps/one/src/one.spec.ts': imports('#testing', '../test/rows.js'),
        'apps/one/test/rows.ts': nothing,
        ...testing,
      },
    ],
  },
  'opentelemetry-in-telemetry': {
    violates: [
      one({ 'apps/one/src/one.ts': imports('@opentelemetry/api') }),
      { 'libs/service/src/index.ts': imports('@opentelemetry/sdk-trace') },
    ],
    allowed: [{ 'libs/telemetry/src/index.ts': imports('@opentelemetry/api', '@opentelemetry/sdk-trace') }],
  },
  'nats-in-messaging': {
    violates: [
      one({ 'apps/one/src/one.ts': imports('@nestjs/microservices') }),
      one({ 'apps/one/src/one.ts': imports('@nats-io/jetstream') }),
      { 'libs/service/src/index.ts': imports('@nats-io/transport-node') },
    ],
    allowed: [
      { 'libs/messaging/src/index.ts': imports('@nestjs/microservices', '@nats-io/jetstream') },
      {
        'libs/service/src/index.ts': imports('./platform.js'),
        'libs/service/src/platform.ts': imports('@nats-io/transport-node'),
      },
      { 'apps/one/test/one.test.ts': imports('@nats-io/transport-node') },
    ],
  },
  'http-clients-at-the-edge': {
    violates: [
      one({ 'apps/one/src/one.ts': imports('node:http') }),
      one({ 'apps/one/src/one.ts': imports('node:https') }),
    ],
    allowed: [
      { 'apps/gateway/src/main.ts': imports('node:http') },
      one({ 'apps/one/src/one.ts': `import type { Server } from 'node:http'; export type A = Server;` }),
      { 'apps/one/test/one.test.ts': imports('node:http') },
    ],
  },
  'no-orphans': {
    violates: [
      { 'apps/one/src/main.ts': nothing, 'apps/one/src/forgotten.ts': nothing },
      // A test is no use.
      {
        'apps/one/src/main.ts': nothing,
        'apps/one/src/forgotten.ts': nothing,
        'apps/one/src/forgotten.spec.ts': imports('./forgotten.js'),
      },
    ],
    allowed: [
      {
        'apps/one/src/main.ts': imports('./used.js'),
        'apps/one/src/used.ts': imports('./too.js'),
        'apps/one/src/too.ts': nothing,
      },
    ],
  },
  'imports-resolve': {
    violates: [
      one({ 'apps/one/src/one.ts': imports('./nowhere.js') }),
      one({ 'apps/one/src/one.ts': imports('#nowhere') }),
    ],
    allowed: [
      one({ 'apps/one/src/one.ts': imports('node:path', 'rxjs', '#kernel'), ...kernel }),
      // What the build makes is not there before it.
      { 'scripts/one.mjs': imports('../dist/apps/one/src/one.js') },
    ],
  },
  'packages-are-declared': {
    // Installed, because packages that are declared need them.
    violates: [one({ 'apps/one/src/one.ts': imports('iterare') }), { 'apps/one/src/one.spec.ts': imports('semver') }],
    allowed: [one({ 'apps/one/src/one.ts': imports('pino') })],
  },
  'no-dev-packages-in-production': {
    violates: [
      one({ 'apps/one/src/one.ts': imports('fast-check') }),
      one({ 'apps/one/src/one.ts': imports('typescript') }),
    ],
    allowed: [{ 'apps/one/src/one.spec.ts': imports('fast-check', '@jest/globals') }],
  },
};
