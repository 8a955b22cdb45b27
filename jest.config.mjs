import { readFileSync } from 'node:fs';

const {
  exclude: _skippedByBuild,
  sourceMaps: _build,
  module: _module,
  ...swc
} = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));
const { imports } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
const sources = Object.fromEntries(
  Object.entries(imports)
    .filter(([, target]) => target.types.endsWith('.ts'))
    .map(([name, target]) => [`^${name}$`, target.types.replace('./', '<rootDir>/')]),
);

const levels = {
  rules: [
    '<rootDir>/{apps,libs,clients}/**/*.rules.spec.ts',
    '<rootDir>/{apps,libs,clients,scripts}/**/!(*.db|*.rules).spec.ts',
  ],
  database: ['<rootDir>/{apps,libs}/**/*.db.spec.ts'],
  service: ['<rootDir>/apps/*/test/**/*.test.ts', '<rootDir>/libs/*/test/**/*.test.ts'],
  journey: ['<rootDir>/e2e/**/*.test.ts'],
};

/** One config, four levels: LEVEL=rules|database|service|journey picks one, none runs them all. */
export default {
  rootDir: import.meta.dirname,
  globalSetup: '<rootDir>/libs/testing/jest-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/jest-teardown.mjs',
  testMatch: process.env.LEVEL ? levels[process.env.LEVEL] : Object.values(levels).flat(),
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline', module: { type: 'es6' } }] },
  moduleNameMapper: { ...sources, '^(\\.{1,2}/.*)\\.js$': '$1' },
  workerIdleMemoryLimit: '300MB',
  injectGlobals: false,
  testTimeout: 30_000,
};
