import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Call } from './caller.js';
import { BODIES, type Json } from './route-bodies.js';
import { SettledSuite } from './settled-suite.js';
import { problemOf } from './suite-process.js';

/** Where the problem lies: JSON Pointers of what the answer names. */
type Refusal = { status: number; code: string; at: string[] };

const TEST_MS = 60_000;
const DEEP = 100_000;
const HUGE_BYTES = 10_000_000;

let settled: SettledSuite;

beforeAll(async () => {
  settled = await SettledSuite.open();
}, 120_000);
afterAll(() => settled?.suite.close(), 60_000);

const TAKING = Object.entries(BODIES);
const WITH_FIELDS = TAKING.filter(([, body]) => Object.keys(body).length > 0);

const refusalOf = (answer: Answer): Refusal => ({
  ...problemOf(answer),
  at: (answer.body.errors ?? []).map(({ path, message }: { path: string; message: string }) => {
    expect(message).not.toBe('');
    return path;
  }),
});

const send = async (route: string, call: Call): Promise<Refusal> => {
  const [method, path] = route.split(' ') as [string, string];
  return refusalOf(await settled.suite.admin.call(method, settled.pathOf({ method, path }), call));
};

interface Leaf {
  at: string;
  value: unknown;
  /** The body with something else in this place. */
  with(value: unknown): Json;
}

/** Every field of a body that holds something simple, and every map and list above one. */
const leavesOf = (body: Json, above: string[] = [], root = body): Leaf[] =>
  Object.entries(body).flatMap(([name, value]) => {
    const path = [...above, name];
    const leaf: Leaf = {
      at: `/${path.join('/')}`,
      value,
      with: (other) => {
        const copy = structuredClone(root);
        const parent = path.slice(0, -1).reduce((node, key) => node[key] as Json, copy);
        parent[name] = other;
        return copy;
      },
    };
    return [leaf, ...(typeof value === 'object' && value !== null ? leavesOf(value as Json, path, root) : [])];
  });

const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

describe('a body that is not what was asked for', () => {
  it('is known for every route that takes one', () => {
    const taking = settled.routes
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(BODIES).sort()).toEqual(taking.sort());
  });

  it.each<[string, (body: string) => string | Uint8Array]>([
    ['malformed', (body) => `${body.slice(0, -1)},`],
    ['cut off', (body) => body.slice(0, -1)],
    ['two documents', (body) => `${body}${body}`],
    ['a duplicate key', (body) => `{"twice":1,"twice":2${body === '{}' ? '' : ','}${body.slice(1)}`],
    ['__proto__', (body) => `{"__proto__":{"admin":true}${body === '{}' ? '' : ','}${body.slice(1)}`],
    ['a byte order mark', (body) => `\uFEFF${body}`],
    ['invalid UTF-8', (body) => Buffer.concat([Buffer.from(body.slice(0, -1)), Buffer.from([0xff, 0x7d])])],
    ['lists 100,000 deep', () => `{"deep":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`],
    ['maps 100,000 deep', () => '{"deep":'.repeat(DEEP)],
  ])(
    '%s, on every route',
    async (_name, spoil) => {
      await settled.changingNothing(async () => {
        for (const [route, body] of TAKING) {
          const refusal = await send(route, { raw: spoil(JSON.stringify(body)) });
          expect([route, refusal]).toEqual([route, { status: 400, code: 'json.invalid', at: [expect.any(String)] }]);
        }
      });
    },
    TEST_MS,
  );

  it('is no map', async () => {
    await settled.changingNothing(async () => {
      for (const raw of ['[]', '"text"', '1', 'true', 'null']) {
        expect([raw, await send('POST /api/execute', { raw })]).toEqual([
          raw,
          { status: 400, code: 'input.invalid', at: expect.arrayContaining([expect.any(String)]) },
        ]);
      }
    });
  });

  it(
    'holds a NUL character in any of its texts',
    async () => {
      await settled.changingNothing(async () => {
        for (const [route, body] of WITH_FIELDS) {
          for (const { at, value, with: put } of leavesOf(body)) {
            if (typeof value !== 'string') continue;
            const refusal = await send(route, { body: put(`${value}\0`) });
            expect([route, refusal]).toEqual([route, { status: 400, code: 'json.invalid', at: [at] }]);
          }
        }
      });
    },
    TEST_MS,
  );

  it(
    'holds something of another type in any of its fields',
    async () => {
      await settled.changingNothing(async () => {
        for (const [route, body] of WITH_FIELDS) {
          for (const { at, value, with: put } of leavesOf(body)) {
            for (const other of [typeof value === 'number' ? 'text' : 42, isMap(value) ? [] : { a: 1 }]) {
              const { status, code, at: told } = await send(route, { body: put(other) });
              expect([route, status, code]).toEqual([route, 400, 'input.invalid']);
              expect(told.every((path) => at.startsWith(path) || path.startsWith(at))).toBe(true);
            }
          }
        }
      });
    },
    TEST_MS,
  );

  it(
    'holds a field nobody knows, at the top or below',
    async () => {
      await settled.changingNothing(async () => {
        for (const [route, body] of TAKING) {
          const told = await send(route, { body: { ...body, surprise: 1 } });
          expect([route, told]).toEqual([route, { status: 400, code: 'input.invalid', at: ['/surprise'] }]);
        }
        const { playbook, workspace, ...rest } = BODIES['POST /api/execute'] as Record<string, Json>;
        const body = { ...rest, playbook: { ...playbook, tag: 'v1' }, workspace: { ...workspace, mode: 'rw' } };
        expect(await send('POST /api/execute', { body })).toEqual({
          status: 400,
          code: 'input.invalid',
          at: ['/playbook/tag', '/workspace/mode'],
        });
      });
    },
    TEST_MS,
  );

  it.each(['application/json', 'application/yaml'])('10 MB of %s', async (type) => {
    await settled.changingNothing(async () => {
      const raw =
        type === 'application/json' ? `{"source":"${'x'.repeat(HUGE_BYTES)}"}` : `a: ${'x'.repeat(HUGE_BYTES)}`;
      const { status, code } = await send('POST /api/playbooks', { raw, headers: { 'content-type': type } });
      expect([status, code]).toEqual([413, 'request.too_large']);
    });
  });

  it.each([
    ['GET', '/api/executions?limit=0', '/limit'],
    ['GET', '/api/executions?limit=1e3', '/limit'],
    ['GET', '/api/executions?cursor=a%00b', '/cursor'],
    ['GET', '/api/executions?status=lost', '/status'],
    ['GET', '/api/executions?surprise=1', '/surprise'],
    ['GET', '/api/playbooks/a%00b', '/name'],
    ['GET', '/api/executions/not-an-id', '/execution_id'],
    ['POST', '/api/executions/..%2f..%2fetc/cancel', '/execution_id'],
    ['GET', '/api/autonomy/approvals/1%20OR%201=1', '/id'],
  ])('%s %s', async (method, path, at) => {
    const answer = await settled.changingNothing(() => settled.suite.admin.call(method, path));
    const { status, code, at: told } = refusalOf(answer);
    expect([status, code, [...new Set(told)]]).toEqual([400, 'input.invalid', [at]]);
  });
});

describe('a playbook', () => {
  const HEAD = 'apiVersion: playbook/v1\nname: odd\n';
  const STEP = 'steps:\n  - id: a\n    uses: file.list@v1\n    with: { path: . }\n';

  it.each<[string, string, string, RegExp]>([
    ['an unknown key', `${HEAD}surprise: 1\n${STEP}`, '/surprise', /^3:1 unknown key "surprise"/],
    ['an unknown key of a step', `${HEAD}${STEP}    usess: x\n`, '/steps/0/usess', /^7:5 .*did you mean "uses"/],
    [
      'a key of a later day',
      `${HEAD}${STEP}    approval: 2\n`,
      '/steps/0/approval',
      /^7:5 "approval" is not supported yet/,
    ],
    ['a key twice', `${HEAD}name: even\n${STEP}`, '/name', /^3:1 duplicate key/],
    ['a tool nobody has', HEAD + STEP.replace('file.list', 'rm.all'), '/steps/0/uses', /^5:11 /],
    ['an alias', `${HEAD}description: &a x\nguide: { purpose: *a }\n${STEP}`, '/description', /^3:/],
    ['a tag', `${HEAD}description: !!js/function "x"\n${STEP}`, '', /tags are not supported/],
    [
      'a contract that expects everything',
      `${HEAD}${STEP}    expect: { deleted: ['**'] }\n`,
      '/steps/0/expect/deleted/0',
      /^7:25 /,
    ],
    [
      'a pattern that leads out',
      `${HEAD}${STEP}    expect: { deleted: ['../x'] }\n`,
      '/steps/0/expect/deleted/0',
      /^7:25 /,
    ],
    [
      'an expression in a command',
      `${HEAD}steps:\n  - id: a\n    uses: shell.run@v1\n    with: { argv: [sh, -c, '\${{ 1 }}'] }\n`,
      '/steps/0/with/argv/2',
      /^6:/,
    ],
    ['100,000 lists in lists', `${HEAD}x: ${'['.repeat(DEEP)}`, '', /^1:1 .*nested/],
    ['a NUL character', `${HEAD}description: "a\\0b"\n${STEP}`, '/description', /^3:14 /],
  ])('with %s is refused where it is', async (_name, source, at, message) => {
    for (const path of ['/api/playbooks', '/api/playbooks/validate']) {
      const call = { raw: source, headers: { 'content-type': 'application/yaml' } };
      const answer = await settled.changingNothing(() => settled.suite.admin.call('POST', path, call));
      expect(problemOf(answer)).toEqual({ status: 400, code: 'playbook.invalid' });
      expect(answer.body.errors).toContainEqual({ path: at, message: expect.stringMatching(message) });
    }
  });

  it('that nobody registered, or with inputs it does not have, is not run', async () => {
    await settled.changingNothing(async () => {
      const run = async (playbook: Json): Promise<Refusal> =>
        refusalOf(await settled.suite.admin.execute('look', settled.folder, { playbook }));
      expect(await run({ name: 'nobody' })).toEqual({ status: 404, code: 'playbook.not_found', at: ['/playbook'] });
      expect(await run({ name: 'look', inputs: { path: '/' } })).toEqual({
        status: 400,
        code: 'playbook.inputs_invalid',
        at: ['/playbook/inputs/path'],
      });
      expect(await run({ name: 'look', inputs: { folder: 7 } })).toEqual({
        status: 400,
        code: 'playbook.inputs_invalid',
        at: ['/playbook/inputs/folder'],
      });
      expect(await run({})).toEqual({ status: 400, code: 'execution.incomplete', at: ['/playbook'] });
    });
  });
});

describe('a workspace', () => {
  it.each<[string, (roots: string, home: string) => string, string]>([
    ['outside the roots', () => '/etc', 'workspace.outside_roots'],
    ['the root of everything', () => '/', 'workspace.refused'],
    ['above the data folder', (_, home) => join(home, '..'), 'workspace.refused'],
    ['the data folder', (_, home) => home, 'workspace.refused'],
    ['in the data folder', (_, home) => join(home, 'postgres'), 'workspace.refused'],
    ['the data folder by ..', (roots) => `${roots}/project/../../home`, 'workspace.refused'],
    ['outside by ..', (roots) => `${roots}/../../../etc`, 'workspace.outside_roots'],
    ['outside by a link', (roots) => link(roots, 'out', '/etc'), 'workspace.outside_roots'],
    ['the data folder by a link', (roots, home) => link(roots, 'home', home), 'workspace.refused'],
    ['everything by a link', (roots) => link(roots, 'all', '/'), 'workspace.refused'],
    ['below a link', (roots) => `${link(roots, 'deep', '/usr')}/lib`, 'workspace.outside_roots'],
    ['everything by /proc', () => '/proc/self/root', 'workspace.refused'],
    ['relative', () => 'project', 'workspace.outside_roots'],
    ['not there', (roots) => join(roots, 'nothing'), 'workspace.not_found'],
    ['a file', (roots) => file(roots), 'workspace.not_found'],
    ['a neighbour whose name begins alike', (roots) => beside(roots), 'workspace.outside_roots'],
  ])('%s', async (_name, pathOf, code) => {
    const { suite } = settled;
    const path = pathOf(suite.workspaces, suite.home);
    const answer = await settled.changingNothing(() => suite.admin.execute('look', path));
    const status = code === 'workspace.not_found' ? 404 : 400;
    expect(refusalOf(answer)).toEqual({ status, code, at: ['/workspace/path'] });
  });
});

const link = (folder: string, name: string, target: string): string => {
  symlinkSync(target, join(folder, `link-${name}`));
  return join(folder, `link-${name}`);
};

const file = (folder: string): string => {
  writeFileSync(join(folder, 'file'), 'x');
  return join(folder, 'file');
};

const beside = (roots: string): string => {
  mkdirSync(`${roots}-too`);
  return `${roots}-too`;
};
