import { describe, expect, test } from '@jest/globals';
import { isAppError, type LocatedProblem } from '#kernel';
import { parsePlaybook } from './parse.rules.js';

const tools = ['file.list@v1', 'file.read@v1', 'file.write@v1', 'file.delete@v1', 'shell.run@v1'];

function problemsOf(source: string): LocatedProblem[] {
  try {
    parsePlaybook(source, tools);
  } catch (error) {
    if (isAppError(error) && error.code === 'playbook.invalid') return error.details?.errors ?? [];
    throw error;
  }
  return [];
}

/** A valid file whose step lines start at line 4, column 5. */
const withStep = (...lines: string[]) =>
  [
    'apiVersion: playbook/v1',
    'name: p',
    'steps:',
    ...lines.map((line, i) => (i === 0 ? `  - ${line}` : `    ${line}`)),
    '',
  ].join('\n');

describe('a problem of a step is reported where it stands', () => {
  test.each<[string, string[], string, string | RegExp]>([
    ['no tool', ['id: a'], '/steps/0', '4:5 a step needs "uses"'],
    ['an id for a file name', ['id: a-b', 'uses: file.read@v1'], '/steps/0/id', /^4:9 a step's id has /],
    [
      'an unknown tool',
      ['id: a', 'uses: file.raed@v1'],
      '/steps/0/uses',
      /^5:11 unknown tool "file.raed@v1" \(did you mean "file.read@v1"\?\); tools: file.delete@v1, file.list@v1/,
    ],
    ['a tool without version', ['id: a', 'uses: file.read'], '/steps/0/uses', /^5:11 unknown tool "file.read"/],
    [
      'a later tool',
      ['id: a', 'uses: playbook.run@v1'],
      '/steps/0/uses',
      '5:11 "playbook.run@v1" is not supported yet',
    ],
    ...['approval', 'wait', 'parallel', 'needs', 'retry', 'effects', 'idempotency_key', 'rollback'].map(
      (key): [string, string[], string, string] => [
        `the later key ${key}`,
        ['id: a', 'uses: file.read@v1', `${key}: {}`],
        `/steps/0/${key}`,
        `6:5 "${key}" is not supported yet`,
      ],
    ),
    [
      'an unknown key',
      ['id: a', 'uses: file.read@v1', 'form_each: []'],
      '/steps/0/form_each',
      '6:5 unknown key "form_each" (did you mean "for_each"?)',
    ],
    ['for_each without max', ['id: a', 'uses: file.read@v1', 'for_each: [1]'], '/steps/0', '4:5 for_each needs "max"'],
    [
      'max without for_each',
      ['id: a', 'uses: file.read@v1', 'max: 3'],
      '/steps/0/max',
      '6:10 "max" has a meaning only with for_each',
    ],
    [
      'too high a max',
      ['id: a', 'uses: file.read@v1', 'for_each: []', 'max: 1001'],
      '/steps/0/max',
      '7:10 "max" must be an integer from 1 to 1000',
    ],
    [
      'for_each over text',
      ['id: a', 'uses: file.read@v1', 'for_each: abc', 'max: 1'],
      '/steps/0/for_each',
      '6:15 "for_each" must be a list or one ${{ expression }}',
    ],
    [
      'for_each over a number',
      ['id: a', 'uses: file.read@v1', 'for_each: ${{ 1 + 1 }}', 'max: 1'],
      '/steps/0/for_each',
      '6:18 the expression must yield a list, this one yields int',
    ],
    [
      'if with text',
      ['id: a', 'uses: file.read@v1', 'if: yes'],
      '/steps/0/if',
      '6:9 "if" must be true, false or one ${{ expression }}',
    ],
    [
      'if with a mixture',
      ['id: a', 'uses: file.read@v1', 'if: x${{ true }}'],
      '/steps/0/if',
      '6:9 "if" must be true, false or one ${{ expression }}',
    ],
    [
      'if with a text expression',
      ['id: a', 'uses: file.read@v1', "if: ${{ 'a' }}"],
      '/steps/0/if',
      '6:12 the expression must yield a bool, this one yields string',
    ],
    ['with as a list', ['id: a', 'uses: file.read@v1', 'with: [a]'], '/steps/0/with', '6:11 "with" must be a map'],
    [
      'a timeout without unit',
      ['id: a', 'uses: shell.run@v1', 'timeout: 30'],
      '/steps/0/timeout',
      '6:14 "timeout" must be a duration such as 250ms, 30s or 5m, at most 10m',
    ],
    [
      'too long a timeout',
      ['id: a', 'uses: shell.run@v1', 'timeout: 11m'],
      '/steps/0/timeout',
      '6:14 "timeout" must be a duration such as 250ms, 30s or 5m, at most 10m',
    ],
    [
      'a timeout without effect',
      ['id: a', 'uses: file.read@v1', 'timeout: 30s'],
      '/steps/0/timeout',
      '6:14 "timeout" has no effect on file.read@v1; only commands can be timed',
    ],
    [
      'two timeouts',
      ['id: a', 'uses: shell.run@v1', 'with: {timeout_ms: 1}', 'timeout: 30s'],
      '/steps/0/timeout',
      '7:14 write either "timeout" or with.timeout_ms, not both',
    ],
    [
      'a misspelt expectation',
      ['id: a', 'uses: file.read@v1', 'expect: {modifed: []}'],
      '/steps/0/expect/modifed',
      '6:14 unknown key "modifed" (did you mean "modified"?)',
    ],
    [
      'a later expectation',
      ['id: a', 'uses: file.read@v1', 'expect: {probes: []}'],
      '/steps/0/expect/probes',
      '6:14 "probes" is not supported yet',
    ],
    [
      'a pattern that leaves',
      ['id: a', 'uses: file.read@v1', 'expect: {created: [a/../../b]}'],
      '/steps/0/expect/created/0',
      '6:24 a pattern is relative to the workspace and does not leave it',
    ],
    [
      'an absolute pattern',
      ['id: a', 'uses: file.read@v1', 'expect: {must: {created: [/etc/*]}}'],
      '/steps/0/expect/must/created/0',
      '6:31 a pattern is relative to the workspace and does not leave it',
    ],
    [
      'a pattern for everything',
      ['id: a', 'uses: file.read@v1', 'expect: {deleted: ["**/*"]}'],
      '/steps/0/expect/deleted/0',
      '6:24 The expectation "**/*" allows every change; a contract must name what it expects.',
    ],
    [
      'a pattern for everything in disguise',
      ['id: a', 'uses: file.read@v1', 'expect: {deleted: ["**/?*"]}'],
      '/steps/0/expect/deleted/0',
      '6:24 The expectation "**/?*" allows every change; a contract must name what it expects.',
    ],
    [
      'patterns that are everything together',
      ['id: a', 'uses: file.read@v1', 'expect: {deleted: ["**/[a-z]*"], must: {deleted: ["**/[^a-z]*"]}}'],
      '/steps/0/expect',
      /^6:13 The expectation .* allows every change/,
    ],
    [
      'a pattern the engine cannot compile',
      ['id: a', 'uses: file.read@v1', 'expect: {forbidden: ["(a)"]}'],
      '/steps/0/expect/forbidden/0',
      /^6:26 The pattern "\(a\)" holds a group/,
    ],
    [
      'what is both required and forbidden',
      ['id: a', 'uses: file.read@v1', 'expect: {must: {deleted: [data/x]}, forbidden: ["data/**"]}'],
      '/steps/0/expect',
      '6:13 "data/x" is both required and forbidden.',
    ],
    [
      'a pattern from data',
      ['id: a', 'uses: file.read@v1', 'expect: {created: ["${{ inputs.x }}"]}'],
      '/steps/0/expect/created/0',
      '6:24 a pattern must not hold an expression',
    ],
    [
      'exit codes of a file tool',
      ['id: a', 'uses: file.read@v1', 'expect: {exit_codes: [0]}'],
      '/steps/0/expect/exit_codes',
      '6:26 "exit_codes" has no meaning for file.read@v1',
    ],
    [
      'an exit code',
      ['id: a', 'uses: shell.run@v1', 'expect: {exit_codes: [256]}'],
      '/steps/0/expect/exit_codes/0',
      '6:27 an exit code must be an integer from 0 to 255',
    ],
    [
      'an expression in argv',
      ['id: a', 'uses: shell.run@v1', 'with: {argv: [echo, "${{ 1 }}"]}'],
      '/steps/0/with/argv/1',
      /^6:25 a command must not hold an expression; pass the value in "env"/,
    ],
    [
      'an expression in a shell limit',
      ['id: a', 'uses: shell.run@v1', 'with: {argv: [a], timeout_ms: "${{ 1 }}"}'],
      '/steps/0/with/timeout_ms',
      /^6:35 a command must not hold an expression/,
    ],
    [
      'an expression deeper in env',
      ['id: a', 'uses: shell.run@v1', 'with: {argv: [a], env: {A: ["${{ 1 }}"]}}'],
      '/steps/0/with/env/A/0',
      /^6:33 a command must not hold an expression/,
    ],
    [
      'an expression in a key',
      ['id: a', 'uses: shell.run@v1', 'with: {env: {"${{ 1 }}": x}}'],
      '/steps/0/with/env',
      '6:18 a key must not hold an expression',
    ],
    [
      'an expression in a name',
      ['id: a', 'uses: file.read@v1', 'name: ${{ 1 }}'],
      '/steps/0/name',
      '6:11 "name" must not hold an expression',
    ],
  ])('%s', (_, lines, path, message) => {
    expect(problemsOf(withStep(...lines))).toContainEqual({
      path,
      message: message instanceof RegExp ? expect.stringMatching(message) : message,
    });
  });
});
