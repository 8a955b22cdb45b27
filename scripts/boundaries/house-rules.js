// ESLint rules of this house: what CONVENTIONS.md says and no package checks. Where each applies is in eslint.config.js.

/** Reports every node that one of the selectors matches. */
const nodes = (message, ...selectors) => ({
  create: (context) =>
    Object.fromEntries(selectors.map((selector) => [selector, (node) => context.report({ node, message })])),
});

/** Reports the whole file when `isWrong` says so of its path, in parts: `['apps', 'cli', 'src', 'main.ts']`. */
const paths = (message, isWrong) => ({
  create: (context) => ({
    Program: (node) => {
      const parts = context.filename.slice(context.cwd.length + 1).split('/');
      if (isWrong(parts)) context.report({ node, message });
    },
  }),
});

/** Reports uses of globals as values; a local of the same name and a type are something else. */
const globals = (message, ...names) => ({
  create: (context) => ({
    'Program:exit': () => {
      const [global] = context.sourceCode.scopeManager.scopes;
      const used = [...global.through, ...global.variables.flatMap((variable) => variable.references)];
      for (const { identifier, isTypeReference } of used) {
        if (names.includes(identifier.name) && !isTypeReference) context.report({ node: identifier, message });
      }
    },
  }),
});

const all = (...rules) => ({
  create: (context) => {
    const visitors = rules.flatMap((rule) => Object.entries(rule.create(context)));
    return Object.fromEntries(visitors);
  },
});

const imported = (from, names) => `ImportDeclaration[source.value=${from}] > ImportSpecifier[imported.name=${names}]`;
const nest = '/^@nestjs\\/common$/';
const testFunction = '/^(it|test|describe)$/';
const decoratedWith = (name) => `Decorator[expression.callee.name=${name}]`;
const drawer = /^(common|shared|utils?|helpers?)$/;

const rules = {
  'settings-in-env': nodes(
    'Settings are read in env.ts.',
    "MemberExpression[object.name='process'][property.name='env']",
    "MemberExpression[object.name='process'][property.value='env']",
    "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env']",
    imported('/^(node:)?process$/', "'env'"),
  ),
  'constructor-parameters': nodes(
    'More than six constructor parameters: split the noun.',
    "MethodDefinition[kind='constructor'] > FunctionExpression[params.length>6]",
  ),
  'across-teams': nodes(
    'Only the relay, the inbox, consumers and *.worker.ts look across teams.',
    "MemberExpression[property.name='acrossTeams']",
    "MemberExpression[property.value='acrossTeams']",
    "ObjectPattern > Property[key.name='acrossTeams']",
  ),
  'no-forward-ref': nodes('forwardRef hides a cycle between nouns.', imported(nest, "'forwardRef'")),
  'messages-through-the-bus': nodes(
    'Messages go through the bus: @Handles, @Hears, bus.call.',
    imported(
      '/^@nestjs\\/microservices$/',
      '/^(MessagePattern|EventPattern|Client|ClientProxy|ClientNats|ClientProxyFactory|ClientsModule)$/',
    ),
  ),
  'http-errors-at-the-door': nodes('Throw an AppError; the gateway knows its status.', imported(nest, '/Exception$/')),
  'http-at-the-edge': globals(
    'Only the gateway, the clients and tests speak HTTP.',
    'fetch',
    'WebSocket',
    'EventSource',
  ),
  'routes-are-endpoints': nodes(
    'A route is declared with @Endpoint: who may call it, its limit, its input.',
    imported(nest, '/^(Get|Post|Put|Patch|Delete|All|Options|Head|Search|Sse|RequestMapping)$/'),
    "CallExpression[callee.object.name='fastify'][callee.property.name=/^(get|post|put|patch|delete|all|options|head|route)$/]",
    `ClassDeclaration:has(> ${decoratedWith("'Controller'")}) > ClassBody > MethodDefinition[kind='method'][accessibility!=/private|protected/]:not(:has(> ${decoratedWith("'Endpoint'")}))`,
  ),
  'rules-are-pure': all(
    globals(
      'Rules are pure: pass it in.',
      ...['Date', 'performance', 'crypto', 'fetch', 'process', 'console', 'globalThis', 'Promise'],
      ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
    ),
    nodes(
      'Rules are pure and synchronous.',
      "MemberExpression[object.name='Math'][property.name='random']",
      ':function[async=true]',
      'AwaitExpression',
      'ImportExpression',
    ),
  ),
  'text-stays-text': nodes(
    'What agents and people write is shown as text, never as HTML.',
    "JSXAttribute[name.name='dangerouslySetInnerHTML']",
    'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)$/]',
    'JSXAttribute[name.name=/^(srcDoc|srcdoc)$/]',
    "CallExpression[callee.object.name='document'][callee.property.name='write']",
  ),
  'no-barrels': nodes('An app has no barrels: import what you mean from where it is.', 'ExportAllDeclaration'),
  'index-is-a-front-door': paths('index.ts is the front door of a lib or client.', (parts) =>
    /^index\.[a-z]+$/.test(parts.at(-1)),
  ),
  'named-by-noun': paths('Name it by its noun: common, shared, utils and helpers are drawers.', (parts) =>
    parts.some((part) => drawer.test(part.split('.', 1)[0])),
  ),
  'tests-all-run': nodes(
    'Every test runs; only a condition of the machine, spelled out, may skip one.',
    `MemberExpression[object.name=${testFunction}][property.name=/^(only|todo|failing)$/]`,
    `:not(ConditionalExpression) > MemberExpression[object.name=${testFunction}][property.name='skip']`,
    'CallExpression[callee.name=/^[xf](it|test|describe)$/]',
  ),
  'tests-never-sleep': nodes(
    'A test waits for an event or polls with `until`; it does not sleep.',
    imported('/^(node:)?timers\\/promises$/', "'setTimeout'"),
    "NewExpression[callee.name='Promise'] CallExpression[callee.name='setTimeout']",
  ),
  'tests-expect-results': nodes(
    'Expect something of what the code gave, not of a literal.',
    "CallExpression[callee.name='expect'] > Literal:first-child",
    "CallExpression[callee.name='expect'][arguments.length=0]",
  ),
};

export default { rules };
