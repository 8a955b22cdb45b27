/**
 * Who may import whom; CONVENTIONS in code. Every rule has its planted violations in scripts/boundaries/. A folder or a
 * package that nobody may import is refused to tests as well, unless `production` is said.
 */
const test = '\\.(spec|test|type-test|fixture)\\.ts$|/test/|^libs/testing/|^e2e/|^bench/';
const production = { path: '^(apps|libs|clients)/', pathNot: test };
const doors =
  '^(apps/[^/]+/src/(main|definition)\\.tsx?|(libs|clients)/[^/]+/src/index\\.ts|apps/console/(vite\\.config\\.ts|public/.+\\.js))$';
const packages = (...names) => `^node_modules/(${names.join('|')})/`;

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule(
      'no-cycles',
      'Cycles of types count: two files that need each other are one, or lack a third.',
      {},
      { circular: true },
    ),
    rule(
      'apps-are-islands',
      'An app talks to another over the bus; only the suite starts them all.',
      { path: '^apps/([^/]+)/', pathNot: '^apps/suite/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    rule(
      'suite-starts-definitions',
      'The suite knows an app by its definition.',
      { path: '^apps/suite/' },
      { path: '^apps/', pathNot: ['^apps/suite/', '^apps/[^/]+/src/definition\\.ts$'] },
    ),
    rule('libs-never-import-apps', 'A lib serves every app.', { path: '^libs/' }, { path: '^apps/' }),
    rule(
      'kernel-stands-alone',
      'No lib, no Nest, no I/O.',
      { path: '^libs/kernel/', pathNot: test },
      { pathNot: ['^libs/kernel/', '^(crypto|async_hooks)$', packages('uuid')] },
    ),
    rule(
      'contracts-import-kernel-only',
      'A contract is known to everybody and knows nobody.',
      { path: '^libs/contracts/', pathNot: test },
      { path: '^libs/', pathNot: '^libs/(contracts|kernel)/' },
    ),
    rule(
      'libs-through-their-front-door',
      'What a lib offers is in its index.ts.',
      { path: '^([^/]+)/([^/]+)' },
      { path: '^libs/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^$1/$2/'] },
    ),
    rule(
      'rules-import-rules',
      'Rules import rules, types, errors, kernel, contracts and redaction; of other files their interfaces.',
      { path: '\\.rules\\.ts$' },
      {
        path: '^(apps|libs|clients)/',
        pathNot: ['\\.(rules|types|errors)\\.ts$', '^libs/(kernel|contracts|trace)/'],
        dependencyTypesNot: ['type-only'],
      },
    ),
    rule(
      'rules-know-no-entity',
      'Rules decide about values; not even the type of a row.',
      { path: '\\.rules\\.ts$' },
      { path: `\\.entity\\.ts$|${packages('@nestjs', 'typeorm')}` },
    ),
    rule(
      'rules-use-pure-packages',
      'Parsers and matchers; nothing of Node.',
      { path: '\\.rules\\.ts$' },
      {
        dependencyTypes: ['core', 'npm', 'npm-optional', 'npm-peer'],
        dependencyTypesNot: ['type-only'],
        pathNot: packages('picomatch', 'yaml', '@marcbachmann/cel-js', '@nestjs', 'typeorm'),
      },
    ),
    rule(
      'console-and-cli-are-clients',
      "They know the public API's client, and verify the ledger's proofs themselves.",
      { path: '^apps/(console|cli)/', pathNot: test },
      { path: '^libs/', pathNot: '^libs/merkle/src/index\\.ts$' },
    ),
    rule(
      'clients-stand-alone',
      'They are published without this house.',
      { path: '^clients/' },
      { path: '^(libs|apps)/' },
    ),
    rule('tests-never-in-production', 'Embedded servers, factories and fixtures stay with the tests.', production, {
      path: test,
    }),
    rule(
      'nats-in-messaging',
      'Everybody else has the bus, facts and handlers; connections are opened by libs/service.',
      { ...production, pathNot: [test, '^libs/messaging/', '^libs/service/src/(platform|start-service)\\.ts$'] },
      { path: packages('@nestjs/microservices', '@nats-io') },
    ),
    rule(
      'opentelemetry-in-telemetry',
      'Everybody else opens spans by libs/telemetry.',
      { ...production, pathNot: [test, '^libs/telemetry/'] },
      { path: packages('@opentelemetry') },
    ),
    rule(
      'http-clients-at-the-edge',
      'Only the gateway, the clients and tests speak HTTP.',
      { path: '^(apps|libs)/', pathNot: [test, '^apps/gateway/'] },
      { path: '^(https?|http2)$', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'no-orphans',
      'A file that no process, lib or client reaches is dead, whatever tests it has.',
      { path: doors, pathNot: test },
      { ...production, pathNot: [test, doors, '\\.d\\.ts$'], reachable: false },
    ),
    rule('imports-resolve', 'An import that nothing answers.', {}, { couldNotResolve: true }),
    rule(
      'packages-are-declared',
      'A package that another one brings along may go with it.',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    rule(
      'no-dev-packages-in-production',
      'They are not installed there. The console is bundled before.',
      { ...production, pathNot: [test, '^apps/console/'] },
      { dependencyTypes: ['npm-dev'] },
    ),
  ],
  options: {
    doNotFollow: { path: '^node_modules' },
    // Also while there is none: an import of it then keeps the way it was written.
    exclude: { path: '^(\\.\\./)*dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.css'],
    },
  },
};
