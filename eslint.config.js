import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import house from './scripts/boundaries/house-rules.js';

const tests = ['**/*.{spec,test,fixture}.ts', '**/test/**', 'libs/testing/**', 'e2e/**', 'bench/**'];
const budgets = {
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
};
const everywhere = [
  'settings-in-env',
  'constructor-parameters',
  'across-teams',
  'no-forward-ref',
  'messages-through-the-bus',
  'http-errors-at-the-door',
  'http-at-the-edge',
  'index-is-a-front-door',
  'named-by-noun',
];
const inTests = ['tests-all-run', 'tests-never-sleep', 'tests-expect-results'];
const set = (names, level) => Object.fromEntries(names.map((name) => [`house/${name}`, level]));
const allow = (files, ...names) => ({ files, rules: set(names, 'off') });

/**
 * The conventions a machine can check; boundaries between folders are in .dependency-cruiser.cjs. Exceptions are in this
 * file, comments in the code make none. Every rule has its planted violations in scripts/boundaries/.
 */
export default [
  {
    ignores: [
      'dist/',
      'workspaces/',
      '.spectrace/',
      'docs/reference/',
      'clients/typescript/src/generated/',
      '**/*.type-test.ts',
    ],
  },
  { plugins: { ts: tseslint.plugin, hooks, house }, linterOptions: { noInlineConfig: true } },
  { files: ['**/*.{js,cjs,mjs}'], rules: { ...budgets, eqeqeq: ['error', 'always'] } },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...budgets,
      eqeqeq: ['error', 'always'],
      'ts/no-floating-promises': 'error',
      'ts/no-misused-promises': ['error', { checksVoidReturn: false }],
      'ts/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'ts/no-explicit-any': 'error',
      'ts/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      'ts/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      ...set(everywhere, 'error'),
    },
  },
  {
    files: ['apps/console/**/*.{ts,tsx}'],
    rules: {
      'hooks/rules-of-hooks': 'error',
      'hooks/exhaustive-deps': 'error',
      'hooks/purity': 'error',
      ...set(['text-stays-text'], 'error'),
    },
  },
  { files: ['apps/**/*.{ts,tsx}'], rules: set(['no-barrels'], 'error') },
  { files: ['apps/gateway/src/**/*.ts'], rules: set(['routes-are-endpoints'], 'error') },
  { files: ['**/*.rules.ts'], rules: set(['rules-are-pure'], 'error') },

  allow(['libs/*/src/index.ts', 'clients/*/src/index.ts', 'libs/contracts/src/*/index.ts'], 'index-is-a-front-door'),
  allow(['**/env.ts', '**/main.ts', 'libs/service/src/{run,start}-service.ts'], 'settings-in-env'),
  allow(['libs/messaging/src/{relay,inbox}.ts', '**/*.consumers.ts', '**/*.worker.ts'], 'across-teams'),
  allow(['libs/messaging/src/**'], 'messages-through-the-bus'),
  allow(['apps/gateway/src/**'], 'http-errors-at-the-door', 'http-at-the-edge'),
  allow(['apps/gateway/src/http/endpoint.ts'], 'routes-are-endpoints'),
  allow(['clients/**', 'apps/console/src/data/api.ts'], 'http-at-the-edge'),

  {
    files: ['**/migrations/**', 'libs/persistence/src/tables.ts', ...tests],
    rules: { 'max-lines-per-function': 'off' },
  },
  { files: tests, rules: { 'ts/no-explicit-any': 'off' } },
  allow(tests, 'settings-in-env', 'across-teams', 'http-at-the-edge'),
  { files: tests, rules: set(inTests, 'error') },
  // The pause between two polls, between two faults, between two loads: nothing is waited for.
  allow(['libs/testing/src/until.ts', 'e2e/chaos/**', 'bench/**'], 'tests-never-sleep'),
];
