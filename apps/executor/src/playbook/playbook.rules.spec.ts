import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ActionResult, FinishedStep } from '../driver/driver.js';
import { bindInputs } from './inputs.rules.js';
import { parsePlaybook } from './parse.rules.js';
import { nextTurn } from './playbook.rules.js';

const tools = ['file.list@v1', 'file.read@v1', 'file.write@v1', 'file.delete@v1', 'shell.run@v1'];

const source = (policies: { run?: string; many?: string; scan?: string } = {}) => `apiVersion: playbook/v1
name: clean
inputs:
  skip: {type: boolean, default: false}
  limit: {type: integer, default: 2}
on_failure: ${policies.run ?? 'stop'}
steps:
  - id: scan
    uses: file.list@v1
    with: {path: src, recursive: true}
    outputs:
      files: \${{ steps.scan.result.entries.filter(e, e.type == 'file').map(e, e.path) }}
      first: \${{ steps.scan.result.entries[0].path }}
    ${policies.scan ? `on_failure: ${policies.scan}` : ''}
  - id: many
    name: Delete the files
    if: \${{ !inputs.skip }}
    for_each: \${{ steps.scan.outputs.files }}
    max: 3
    uses: file.delete@v1
    with: {path: "\${{ item }}", note: "\${{ index + 1 }} of \${{ size(steps.scan.outputs.files) }}"}
    expect: {deleted: ["src/**"]}
    ${policies.many ? `on_failure: ${policies.many}` : ''}
  - id: run
    uses: shell.run@v1
    with:
      argv: [ls, -l]
      env: {N: "\${{ size(steps.many.results) }}", FLAG: "\${{ inputs.skip }}", WHAT: "\${{ steps.many.status }}"}
`;
const parse = (policies?: Parameters<typeof source>[0]) => parsePlaybook(source(policies), tools);
const turn = (steps: FinishedStep[], inputs: object = {}, policies?: Parameters<typeof source>[0]) => {
  const playbook = parse(policies);
  return nextTurn(playbook, bindInputs(playbook, inputs), steps);
};

const ok = (tool: string, output: unknown): ActionResult => ({ tool, arguments: {}, ok: true, output });
const failed = (tool: string): ActionResult => ({
  tool,
  arguments: {},
  ok: false,
  failure: { code: 'contract.deviated', message: 'config changed' },
});
const files = (...names: string[]) =>
  ok('file.list@v1', { entries: names.map((path) => ({ path, type: 'file', size: 1 })) });
const scanned = (...names: string[]): FinishedStep => ({ step: 1, label: 'scan', actions: [files(...names)] });
const many = (...actions: ActionResult[]): FinishedStep => ({ step: 2, label: 'many', actions });
const ran: FinishedStep = { step: 3, label: 'run', actions: [ok('shell.run@v1', { exit_code: 0 })] };
const deleted = ok('file.delete@v1', {});

describe('the order of a run', () => {
  test('a plain step is one action', () => {
    expect(turn([])).toEqual({
      kind: 'act',
      label: 'scan',
      thought: 'scan: file.list@v1 src',
      actions: [{ tool: 'file.list@v1', arguments: { path: 'src', recursive: true } }],
    });
  });

  test('for_each proposes all its actions at once, each with its item and index', () => {
    expect(turn([scanned('src/a', 'src/b')])).toEqual({
      kind: 'act',
      label: 'many',
      thought: 'Delete the files (2 items)',
      actions: [
        { tool: 'file.delete@v1', arguments: { path: 'src/a', note: '1 of 2' }, expect: { deleted: ['src/**'] } },
        { tool: 'file.delete@v1', arguments: { path: 'src/b', note: '2 of 2' }, expect: { deleted: ['src/**'] } },
      ],
    });
  });

  test('a false condition is a turn that says so', () => {
    expect(turn([scanned('src/a')], { skip: true })).toEqual({
      kind: 'act',
      label: 'many',
      thought: 'Delete the files (skipped: its condition is false)',
      actions: [],
    });
  });

  test('environment variables are text, and see how earlier steps ended', () => {
    const after = (actions: ActionResult[], inputs = {}) => {
      const next = turn([scanned('src/a'), many(...actions)], inputs);
      return next.kind === 'act' ? next.actions[0]?.arguments : next;
    };
    expect(after([deleted])).toEqual({ argv: ['ls', '-l'], env: { N: '1', FLAG: 'false', WHAT: 'succeeded' } });
    expect(after([], { skip: true })).toEqual({ argv: ['ls', '-l'], env: { N: '0', FLAG: 'true', WHAT: 'skipped' } });
  });

  test('after the last step the answer counts what happened', () => {
    expect(turn([scanned('src/a'), many(deleted, deleted), ran])).toEqual({
      kind: 'final',
      answer: 'clean went through 3 steps, 4 of 4 actions succeeded.',
    });
    expect(turn([scanned('src/a'), many(), ran], { skip: true })).toEqual({
      kind: 'final',
      answer: 'clean went through 3 steps, 1 of them with nothing to do, 2 of 2 actions succeeded.',
    });
    expect(turn([scanned('src/a'), many(deleted, failed('file.delete@v1')), ran], {}, { many: 'continue' })).toEqual({
      kind: 'final',
      answer: 'clean went through 3 steps, 3 of 4 actions succeeded; 1 did not.',
    });
  });
});

describe('a failed action', () => {
  const failure = { code: 'contract.deviated', message: 'step "many": config changed' };
  const after = (policies: Parameters<typeof source>[0]) =>
    turn([scanned('src/a', 'src/b'), many(deleted, failed('file.delete@v1'))], {}, policies);

  test.each<[string, Parameters<typeof source>[0], boolean]>([
    ['stops the run by default', {}, false],
    ['rolls the run back when the playbook says so', { run: 'rollback' }, true],
    ['rolls the run back when the step says so', { many: 'rollback' }, true],
    ['stops when the step overrules the playbook', { run: 'rollback', many: 'stop' }, false],
    ['stops when the step overrules a playbook that goes on', { run: 'continue', many: 'stop' }, false],
  ])('%s', (_, policies, rollback) => {
    expect(after(policies)).toEqual({ kind: 'stop', failure, rollback });
  });

  test('is passed over on continue, and the next step sees it', () => {
    expect(after({ many: 'continue' })).toMatchObject({
      kind: 'act',
      label: 'run',
      actions: [{ arguments: { env: { N: '2', WHAT: 'failed' } } }],
    });
  });

  test('only steps that continue ask for the rest of their actions', () => {
    expect(turn([scanned('src/a')], {}, { many: 'continue' })).toHaveProperty('keep_going', true);
    expect(turn([scanned('src/a')])).not.toHaveProperty('keep_going');
  });

  test('leaves null outputs, so that what relies on them stops where it stands', () => {
    const next = turn([{ step: 1, label: 'scan', actions: [failed('file.list@v1')] }], {}, { scan: 'continue' });
    expect(next).toEqual({
      kind: 'stop',
      failure: {
        code: 'playbook.expression_failed',
        message: '18:15 /steps/1/for_each: "for_each" must yield a list, not null',
      },
      rollback: false,
    });
  });
});

describe('a playbook that does not fit the world', () => {
  test('more items than max stop the run before any of them', () => {
    expect(turn([scanned('a', 'b', 'c', 'd')], {}, { many: 'rollback' })).toEqual({
      kind: 'stop',
      failure: { code: 'playbook.too_many_items', message: 'step "many": for_each yields 4 items, "max" is 3' },
      rollback: true,
    });
    expect(turn([scanned('a', 'b', 'c')])).toMatchObject({ kind: 'act', label: 'many' });
  });

  test('an output that fails names its place, whatever on_failure says', () => {
    expect(turn([scanned()], {}, { run: 'continue' })).toEqual({
      kind: 'stop',
      failure: {
        code: 'playbook.expression_failed',
        message: expect.stringMatching(/^13:14 \/steps\/0\/outputs\/first: No such key: index out of bounds/),
      },
      rollback: false,
    });
  });

  test('nothing to do is a turn without actions', () => {
    const none = { ...scanned(), actions: [ok('file.list@v1', { entries: [{ path: 'd', type: 'directory' }] })] };
    expect(turn([none])).toEqual({ kind: 'act', label: 'many', thought: 'Delete the files (0 items)', actions: [] });
  });

  test.each<[string, FinishedStep[], string]>([
    ['steps of another order', [many(deleted)], 'turn 1 is "many", but the playbook clean has "scan" there'],
    [
      'more steps than the file has',
      [scanned('a'), many(deleted), ran, ran],
      'turn 4 is "run", but the playbook clean has no step there',
    ],
  ])('%s stop the run', (_, steps, message) => {
    expect(turn(steps)).toEqual({
      kind: 'stop',
      failure: { code: 'playbook.journal_mismatch', message },
      rollback: false,
    });
  });
});

describe('recovery', () => {
  const result = fc.oneof(
    fc.record({ tool: fc.constant('t'), arguments: fc.constant({}), ok: fc.constant(true), output: fc.jsonValue() }),
    fc.constant(failed('t')),
    fc.array(fc.string(), { maxLength: 4 }).map((names) => files(...names)),
  );
  const history = fc
    .tuple(
      fc.nat(3),
      fc.array(result, { maxLength: 3 }),
      fc.array(result, { maxLength: 3 }),
      fc.array(result, { maxLength: 1 }),
    )
    .map(([length, ...turns]): FinishedStep[] =>
      ['scan', 'many', 'run'].slice(0, length).map((label, i) => ({ step: i + 1, label, actions: turns[i]! })),
    );

  test('the same history gets the same turn, from a copy and from a newly parsed file, and nothing is changed', () => {
    const inputs = fc.record({ skip: fc.boolean(), limit: fc.integer() });
    const policy = fc.constantFrom('stop', 'rollback', 'continue');
    fc.assert(
      fc.property(history, inputs, fc.record({ run: policy, many: policy, scan: policy }), (steps, given, policies) => {
        const before = JSON.stringify(steps);
        const first = turn(steps, given, policies);
        expect(turn(JSON.parse(before), given, policies)).toEqual(JSON.parse(JSON.stringify(first)));
        expect(JSON.stringify(steps)).toBe(before);
        expect(JSON.parse(JSON.stringify(first))).toEqual(first);
        if (first.kind === 'act') expect(first.label).toBe(['scan', 'many', 'run'][steps.length]);
      }),
      { numRuns: 300, seed: 23 },
    );
  });
});
