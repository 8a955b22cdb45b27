/** Who may import whom; CONVENTIONS in code. Checked by `npm run check`. */
const app = '^apps/([^/]+)/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'apps-are-islands',
      comment: 'An app talks to another over the bus; only the suite starts them all, each by its definition.',
      severity: 'error',
      from: { path: app },
      to: { path: app, pathNot: ['^apps/$1/', '^apps/[^/]+/src/definition\\.ts$'] },
    },
    {
      name: 'only-the-suite-starts-others',
      severity: 'error',
      from: { path: app, pathNot: '^apps/suite/' },
      to: { path: '^apps/[^/]+/src/definition\\.ts$', pathNot: '^apps/$1/' },
    },
    { name: 'libs-never-import-apps', severity: 'error', from: { path: '^(libs|clients)/' }, to: { path: '^apps/' } },
    {
      name: 'contracts-import-kernel-only',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^libs/', pathNot: '^libs/(contracts|kernel)/' },
    },
    {
      name: 'kernel-imports-nothing',
      severity: 'error',
      from: { path: '^libs/kernel/' },
      to: { path: '^libs/', pathNot: '^libs/kernel/' },
    },
    {
      name: 'libs-through-their-front-door',
      severity: 'error',
      from: { path: '^(apps|libs|clients|e2e)/([^/]+)/' },
      to: { path: '^libs/[^/]+/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^libs/$2/'] },
    },
    {
      name: 'rules-are-pure',
      comment:
        'Rules import rules, types, errors, entities as types, kernel and contracts; parsers and matchers from npm.',
      severity: 'error',
      from: { path: '\\.rules\\.ts$' },
      to: {
        path: '^(apps|libs)/',
        pathNot: ['\\.(rules|types|errors|kinds|entry)\\.ts$', '^libs/(kernel|contracts|trace)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'rules-do-no-io',
      severity: 'error',
      from: { path: '\\.rules\\.ts$' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|dgram|tls)|node_modules/(@nestjs|typeorm|pg|@nats-io)/' },
    },
    {
      name: 'cli-is-a-client',
      severity: 'error',
      from: { path: '^apps/cli/' },
      to: { path: '^libs/', pathNot: '^libs/merkle/' },
    },
    {
      name: 'clients-stand-alone',
      severity: 'error',
      from: { path: '^clients/' },
      to: { path: '^(libs|apps)/' },
    },
    {
      name: 'testing-never-in-production',
      severity: 'error',
      from: { path: '^(apps|libs|clients)/', pathNot: ['\\.(spec|test)\\.ts$', '/test/', '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'nats-and-nest-microservices-in-messaging',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: ['^libs/(messaging|service|testing)/', '\\.(spec|test)\\.ts$', '/test/'],
      },
      to: { path: 'node_modules/(@nestjs/microservices|@nats-io)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
