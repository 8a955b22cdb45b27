import { describe, expect, test } from '@jest/globals';
import { isAppError } from '#kernel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolRegistry } from '../tool/tool.registry.js';
import { PlaybookService } from './playbook.service.js';

const root = join(import.meta.dirname, '../../../..');
// Checking a file touches no database.
const service = new PlaybookService(undefined as never, new ToolRegistry());

const problemsOf = async (source: string) => {
  try {
    await service.validate(source);
  } catch (error) {
    if (isAppError(error) && error.code === 'playbook.invalid') return error.details?.errors;
    throw error;
  }
  return [];
};

const call = (uses: string, ...rest: string[]) =>
  [
    'apiVersion: playbook/v1',
    'name: p',
    'steps:',
    '  - id: a',
    `    uses: ${uses}`,
    ...rest.map((l) => `    ${l}`),
  ].join('\n');

describe('arguments that the tool would refuse are refused with the file', () => {
  test.each<[string, string, string, string]>([
    [
      'an unknown key',
      call('file.read@v1', 'with: {path: a, pth: b}'),
      '/steps/0/with/pth',
      '6:21 unknown field "pth"',
    ],
    [
      'an unknown key with an expression',
      call('file.list@v1', "with: {path: ., pth: '${{ 1 + 1 }}'}"),
      '/steps/0/with/pth',
      '6:21 unknown field "pth"',
    ],
    [
      'a missing key',
      call('file.write@v1', 'with: {path: a}'),
      '/steps/0/with/content',
      '4:5 file.write@v1 needs "content"',
    ],
    ['no arguments at all', call('shell.run@v1'), '/steps/0/with/argv', '4:5 shell.run@v1 needs "argv"'],
    [
      'a literal of the wrong type',
      call('file.list@v1', 'with: {path: ., limit: many}'),
      '/steps/0/with/limit',
      '6:28 ',
    ],
    ['a command that is text', call('shell.run@v1', 'with: {argv: ls}'), '/steps/0/with/argv', '6:18 '],
    [
      'a path that leaves the workspace',
      call('file.delete@v1', 'with: {path: a/../../b}'),
      '/steps/0/with/path',
      '6:18 a path is relative to the workspace and does not leave it',
    ],
    [
      'an absolute path',
      call('file.read@v1', 'with: {path: /etc/passwd}'),
      '/steps/0/with/path',
      '6:18 a path is relative to the workspace and does not leave it',
    ],
  ])('%s', async (_, source, path, message) => {
    expect(await problemsOf(source)).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  test('an expression may become anything, and is left to the run', async () => {
    expect(await problemsOf(call('file.list@v1', "with: {path: '${{ 7 }}', limit: '${{ 1 + 1 }}'}"))).toEqual([]);
  });
});

test.each(['examples/tidy/tidy.yaml', 'playbooks/hello.yaml'])('%s is valid', async (file) => {
  expect(await problemsOf(readFileSync(join(root, file), 'utf8'))).toEqual([]);
});

test('the page of the language shows valid playbooks, hello as it is in its file', async () => {
  const page = readFileSync(join(root, 'playbooks/README.md'), 'utf8');
  const shown = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, one]) => one!);
  expect(shown).toEqual([expect.any(String), readFileSync(join(root, 'playbooks/hello.yaml'), 'utf8')]);
  for (const playbook of shown) expect(await problemsOf(playbook)).toEqual([]);
});
