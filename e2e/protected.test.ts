import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SuiteProcess } from './suite-process.js';
import { makeWorkspace } from './workspace.js';

const TEST_MS = 60_000;
const FILES = { 'data/c.db': 'customers\n', '.env': 'KEY=1\n', 'logs/a.log': 'a\n' };

let suite: SuiteProcess;
beforeAll(async () => {
  suite = await SuiteProcess.open();
}, 120_000);
afterAll(() => suite?.close(), 60_000);

/** A run of one command in a folder that holds protected data. */
const begin = async (name: string, command: string, deleted: string[]) => {
  await suite.admin.register(`
apiVersion: playbook/v1
name: ${name}
steps:
  - id: a
    uses: shell.run@v1
    with: { argv: [/bin/sh, -c, '${command}'] }
    expect: { deleted: ${JSON.stringify(deleted)} }
`);
  const folder = makeWorkspace(join(suite.workspaces, name), FILES);
  return { folder, id: await suite.admin.submit(name, folder) };
};

describe('a command and what policy protects', () => {
  it.each([
    ['names it', 'named', 'rm data/c.db', ['logs/**']],
    ['expects to change it', 'expected', 'rm -r d*/c*', ['data/c.db']],
  ])(
    'waits for a person when it %s',
    async (_how, name, command, deleted) => {
      const { id, folder } = await begin(name, command, deleted);
      await suite.admin.paused(id);
      expect(existsSync(join(folder, 'data/c.db'))).toBe(true);
    },
    TEST_MS,
  );

  it.each([
    ['hidden', 'rm d*/*', ['?ata/*']],
    ['secret', 'rm -f .e*', ['.e??', '?env']],
  ])(
    'is undone when it does it without naming it (%s)',
    async (name, command, deleted) => {
      const { id, folder } = await begin(name, command, deleted);
      const { status, failure, execution_trace } = await suite.admin.ended(id);
      expect({ status, code: failure?.code }).toEqual({ status: 'failed', code: 'contract.deviated' });
      expect(execution_trace[0]!.actions[0]!.undone).toMatchObject({ outcome: 'undone' });
      for (const path of Object.keys(FILES)) expect(existsSync(join(folder, path))).toBe(true);
    },
    TEST_MS,
  );
});
