import tseslint from 'typescript-eslint';

const bannedGlobals = (names, why) => names.map((name) => ({ name, message: why }));

/** The conventions a machine can check; boundaries between folders are in .dependency-cruiser.cjs. */
export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'workspaces/',
      '.spectrace/',
      'docs/reference/',
      'clients/typescript/src/generated/',
      '**/*.type-test.ts',
    ],
  },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { ts: tseslint.plugin },
    rules: {
      'ts/no-floating-promises': 'error',
      'ts/no-misused-promises': ['error', { checksVoidReturn: false }],
      'ts/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'ts/no-explicit-any': 'error',
      'ts/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      'ts/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      eqeqeq: ['error', 'always'],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Settings are read in env.ts.' },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='acrossTeams']",
          message: 'Only relays, consumers and *.worker.ts look across teams.',
        },
        {
          selector: "MethodDefinition[kind='constructor'] > FunctionExpression[params.length>6]",
          message: 'More than six constructor parameters: split the noun.',
        },
        { selector: "CallExpression[callee.name='forwardRef']", message: 'forwardRef hides a cycle between nouns.' },
        {
          selector: 'Decorator[expression.callee.name=/^(MessagePattern|EventPattern)$/]',
          message: 'Use @Handles or @Hears.',
        },
      ],
    },
  },
  {
    files: ['**/*.rules.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...bannedGlobals(['Date', 'fetch', 'setTimeout', 'setInterval', 'process'], 'Rules are pure: pass it in.'),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Rules are pure: pass it in.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: 'Rules are pure and synchronous.' },
        { selector: 'AwaitExpression', message: 'Rules are pure and synchronous.' },
      ],
    },
  },
  {
    files: ['**/*.worker.ts', 'libs/messaging/src/{relay,inbox}.ts', 'libs/persistence/src/*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: [
      '**/*.{spec,test}.ts',
      '**/test/**',
      'libs/testing/**',
      'e2e/**',
      'bench/**',
      '**/migrations/**',
      'libs/persistence/src/tables.ts',
    ],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-syntax': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-globals': 'off',
    },
  },
  {
    files: ['**/env.ts', '**/main.ts', 'libs/service/src/run-service.ts', 'libs/service/src/start-service.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
);
