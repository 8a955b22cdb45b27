import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { generate } from '../../../../examples/tidy/generate.mjs';
import type { ActionResult, FinishedStep, ProposedAction } from '../driver/driver.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import { parsePlaybook } from './parse.rules.js';
import { PlaybookDriver } from './playbook.driver.js';

const registry = new ToolRegistry();
const playbook = parsePlaybook(
  readFileSync(join(import.meta.dirname, '../../../../examples/tidy/tidy.yaml'), 'utf8'),
  registry.ids(),
);

let parent: string;
let root: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tidy-'));
  root = generate(join(parent, 'project'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const tree = () =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((path) => ({ path, stat: statSync(join(root, path)) }));
const contents = () =>
  new Map(
    tree().map(({ path, stat }) => [
      path,
      stat.isFile() ? `${stat.mode} ${readFileSync(join(root, path), 'latin1')}` : `${stat.mode}`,
    ]),
  );

/** The tools as the sample needs them, without any of the gates around them. */
function perform({ tool, arguments: args }: ProposedAction): unknown {
  const path = join(root, String(args.path));
  switch (tool) {
    case 'file.list@v1':
      return {
        entries: tree().map((one) => ({
          path: one.path,
          type: one.stat.isDirectory() ? 'directory' : 'file',
          size: one.stat.size,
        })),
      };
    case 'file.delete@v1':
      rmSync(path, { recursive: args.recursive === true });
      return {};
    case 'file.write@v1':
      writeFileSync(path, String(args.content));
      return {};
    default: {
      const [command, ...rest] = args.argv as [string, ...string[]];
      const env = { PATH: '/usr/bin:/bin', ...(args.env as Record<string, string>) };
      return { exit_code: 0, stdout: execFileSync(command, rest, { cwd: root, env, encoding: 'utf8' }), stderr: '' };
    }
  }
}

/** The paths whose existence, type, permissions or bytes an action changed. */
function changedBy(action: ProposedAction): { output: unknown; changed: string[] } {
  const before = contents();
  const output = perform(action);
  const after = contents();
  return {
    output,
    changed: [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)),
  };
}

async function run(answerTo: (action: ProposedAction, changed: string[]) => boolean) {
  const driver = new PlaybookDriver(playbook, {});
  const steps: FinishedStep[] = [];
  const unexpected: Record<string, string[]> = {};
  for (;;) {
    const turn = await driver.next({ execution_id: 'e', task_description: 'tidy', max_steps: 20, steps });
    if (turn.kind !== 'act') return { turn, steps, unexpected };
    const actions = turn.actions.map((action): ActionResult => {
      registry.parse(action.tool, action.arguments);
      const { output, changed } = changedBy(action);
      const { created = [], modified = [], deleted = [], must = {} } = action.expect ?? {};
      const expected = [...created, ...modified, ...deleted, ...Object.values(must).flat()];
      const outside = changed.filter((path) => !picomatch(expected, { dot: true })(path));
      if (outside.length > 0) unexpected[turn.label] = outside;
      return { tool: action.tool, arguments: action.arguments, ok: answerTo(action, outside), output };
    });
    steps.push({ step: steps.length + 1, label: turn.label, actions });
  }
}

describe('the tidy sample', () => {
  test('only the log compaction leaves its contract, and by exactly one file', async () => {
    const { turn, steps, unexpected } = await run((_, outside) => outside.length === 0);
    expect(unexpected).toEqual({ logs: ['config/settings.json'] });
    expect(turn).toEqual({ kind: 'final', answer: 'tidy went through 6 steps, 8 of 9 actions succeeded; 1 did not.' });
    expect(steps.map(({ label, actions }) => [label, actions.length])).toEqual([
      ['scan', 1],
      ['caches', 3],
      ['builds', 2],
      ['logs', 1],
      ['report', 1],
      ['customers', 1],
    ]);
    const left = tree().map(({ path }) => path);
    expect(left.filter((path) => /cache|dist|coverage/.test(path))).toEqual([]);
    expect(left).toEqual(
      expect.arrayContaining([
        'src/server.js',
        'src/orders.js',
        'scripts/report.py',
        'config/settings.json',
        'TIDY-REPORT.md',
      ]),
    );
    expect(readFileSync(join(root, 'TIDY-REPORT.md'), 'utf8')).toBe(
      '# Tidied\n\n- caches deleted: scripts/__pycache__, src/.cache, tools/.cache\n- build output deleted: coverage, dist\n- logs compacted: no, the step failed\n',
    );
  });

  test('the logs really shrink to the lines the input names', async () => {
    await run((_, outside) => outside.length === 0);
    expect(readFileSync(join(root, 'logs/server.log'), 'utf8').trimEnd().split('\n')).toHaveLength(20);
    expect(JSON.parse(readFileSync(join(root, 'config/settings.json'), 'utf8'))).toHaveProperty('log_level', 'off');
  });

  test('the last thing it asks for is the protected file, and a no ends the run', async () => {
    const { turn } = await run(
      (action, outside) => action.arguments.path !== 'data/customers.db' && outside.length === 0,
    );
    expect(turn).toMatchObject({
      kind: 'stop',
      rollback: false,
      failure: { message: expect.stringContaining('step "customers"') },
    });
  });
});

describe('generating the project', () => {
  test('gives the same bytes every time, whatever happened to the folder in between', () => {
    const first = contents();
    rmSync(join(root, 'src'), { recursive: true });
    writeFileSync(join(root, 'extra'), 'x');
    generate(root);
    expect(contents()).toEqual(first);
  });

  test('belongs to the user of the sandbox when made by root', () => {
    const owner = process.getuid?.() === 0 ? 61000 : process.getuid?.();
    for (const { stat } of tree()) expect([stat.uid, statSync(root).uid]).toEqual([owner, owner]);
  });

  test('a folder of somebody else is left alone', () => {
    writeFileSync(join(parent, 'mine.txt'), 'x');
    expect(() => generate(parent)).toThrow(/not made by this script/);
    expect(existsSync(join(parent, 'mine.txt'))).toBe(true);
  });
});
