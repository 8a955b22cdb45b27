import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadBundle } from './bundle.js';
import { PolicyEngine } from './policy.engine.js';
import type { PolicyAlarm, PolicyRequest } from './policy.types.js';

const FOLDER = join(import.meta.dirname, '../../../../policies');

let engine: PolicyEngine;
const alarms: PolicyAlarm[] = [];
beforeAll(async () => {
  engine = PolicyEngine.load(await loadBundle(FOLDER), { alarm: (alarm) => alarms.push(alarm) });
});

const path = fc.oneof(
  fc.constantFrom(
    '.',
    '',
    '/',
    '/etc/passwd',
    'a/../../b',
    '..',
    'data',
    'data/x\ny',
    'DATA/x',
    '.git/HEAD',
    'x/.env',
    '.ssh/id',
    'a\0b',
  ),
  fc
    .array(fc.constantFrom('data', '.git', '.env.prod', '.ssh', 'src', '..', '.', '', 'é', '-rf'), { maxLength: 5 })
    .map((parts) => parts.join('/')),
  fc.string({ maxLength: 12 }),
);
const paths = fc.array(path, { maxLength: 4 });
const target = fc.oneof(
  fc.record({ kind: fc.constant('path'), paths }),
  fc.record({ kind: fc.constant('command'), paths }),
  fc.record({ kind: fc.constant('execution'), driver: fc.constantFrom('playbook', 'openai', 'x') }),
);
const request = fc.record({
  team: fc.constantFrom('t', ''),
  principal: fc.record({
    kind: fc.constantFrom('person', 'agent', 'service', 'root'),
    id: fc.constantFrom('a', 'b"', ''),
  }),
  agent: fc.record({ id: fc.string({ minLength: 1, maxLength: 5 }), version: fc.constant('1') }),
  tool: fc.record({
    name: fc.constantFrom(
      'file.list',
      'file.read',
      'file.write',
      'file.delete',
      'shell.run',
      'execution.submit',
      'change',
      'http.request',
      '__proto__',
    ),
    version: fc.constant('1'),
  }),
  effects: fc.constantFrom('none', 'reversible', 'reversible', 'reversible', 'compensable', 'irreversible', 'odd'),
  action_digest: fc.constant('sha256:00'),
  workspace: fc.record({ id: fc.constant('w'), registered: fc.constantFrom(true, true, true, false, 'yes') }),
  target,
  held: fc.boolean(),
  risk: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(null, 0.7, 0.9, -1, 2, NaN, '0')),
  sandbox: fc.constantFrom('bubblewrap', 'bubblewrap', 'none', 'firejail'),
  taint: fc.constant({
    read_sensitive: false,
    read_untrusted: false,
    external_send_pending: false,
    secrets_used: false,
  }),
  approvals: fc.record({
    role: fc.constantFrom('approver', 'approver', 'approver', 'viewer'),
    approvers: fc.constantFrom(0, 0, 1, 2, 3, -1, 0.5),
  }),
});

const taint = { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: false };
/** Fits the schema, so that the policies themselves are reached. */
const wellFormed = fc
  .record({
    name: fc.constantFrom('file.list', 'file.read', 'file.write', 'file.delete', 'shell.run', 'execution.submit'),
    paths: fc.array(path, { minLength: 1, maxLength: 3 }),
    driver: fc.constantFrom('playbook', 'openai'),
    effects: fc.constantFrom('none', 'reversible', 'reversible', 'irreversible'),
    registered: fc.constantFrom(true, true, true, false),
    held: fc.boolean(),
    risk: fc.constantFrom(null, 0, 0.3, 0.69995, 0.7, 0.89996, 0.9, 1),
    sandbox: fc.constantFrom('bubblewrap', 'none'),
    approvers: fc.nat({ max: 3 }),
  })
  .map(({ name, paths: list, driver, registered, approvers, ...rest }) => ({
    team: 't',
    principal: { kind: 'agent', id: 'a' },
    agent: { id: 'a', version: '1' },
    tool: { name, version: '1' },
    action_digest: 'sha256:00',
    workspace: { id: 'w', registered },
    target:
      name === 'execution.submit'
        ? { kind: 'execution', driver }
        : { kind: name === 'shell.run' ? 'command' : 'path', paths: list },
    approvals: { role: 'approver', approvers },
    taint,
    ...rest,
  }));

/** Said once more without Cedar and without the engine's own rules: why this request must not be allowed. */
function objections(request: PolicyRequest): string[] {
  const { tool, target, approvals, risk, effects } = request;
  const list: string[] = 'paths' in target ? target.paths : [];
  const parts = list.map((path) =>
    path
      .toLowerCase()
      .split('/')
      .filter((part) => part && part !== '.'),
  );
  const has = (test: (part: string, index: number) => boolean): boolean => parts.some((path) => path.some(test));
  const kinds: Record<string, string> = { 'shell.run': 'command', 'execution.submit': 'execution' };
  const changes = ['file.write', 'file.delete'].includes(tool.name);
  const secret = has((part) => part.startsWith('.env') || part === '.ssh');
  const rules: [boolean, string][] = [
    [
      !['file.list', 'file.read', 'file.write', 'file.delete', 'shell.run', 'execution.submit'].includes(tool.name),
      'tool',
    ],
    [target.kind !== (kinds[tool.name] ?? 'path'), 'target of another kind'],
    [target.kind === 'path' && list.length === 0, 'no path'],
    [request.workspace.registered !== true, 'workspace'],
    [!['person', 'agent', 'service'].includes(request.principal.kind) || !request.principal.id || !request.team, 'who'],
    [approvals.role !== 'approver' || !Number.isInteger(approvals.approvers) || approvals.approvers < 0, 'approvals'],
    [list.some((path) => path.startsWith('/') || path.includes('\0') || path.split('/').includes('..')), 'outside'],
    [changes && parts.some((path) => path.length === 0), 'root'],
    [risk !== null && !(typeof risk === 'number' && risk >= 0 && risk <= 1), 'risk'],
    [typeof risk === 'number' && risk >= 0.9 && approvals.approvers < 2, 'two approvers for the risk'],
    [typeof risk === 'number' && risk >= 0.7 && approvals.approvers < 1, 'one approver for the risk'],
    [
      (changes || tool.name === 'shell.run') && parts.some(([first]) => first === 'data') && approvals.approvers < 1,
      'data',
    ],
    [
      (changes || tool.name === 'shell.run') && (secret || has((part) => part === '.git')) && approvals.approvers < 2,
      'secret',
    ],
    [tool.name.startsWith('file.') && secret && approvals.approvers < 1, 'secret read'],
    [tool.name === 'shell.run' && request.sandbox !== 'bubblewrap' && approvals.approvers < 1, 'sandbox'],
    [!['none', 'reversible', 'compensable', 'irreversible'].includes(effects), 'effects'],
    [effects === 'irreversible' && !request.held, 'hold'],
    [target.kind === 'execution' && target.driver !== 'playbook', 'driver'],
  ];
  return rules.filter(([applies]) => applies).map(([, name]) => name);
}

describe('random requests', () => {
  it('never fail open, and never crash the engine', () => {
    const seen = { allow: 0, ask: 0, deny: 0 };
    fc.assert(
      fc.property(fc.oneof(wellFormed, request), (value) => {
        const asked = value as unknown as PolicyRequest;
        const { decision, tier_needed, policy_epoch } = engine.decide(asked);
        seen[decision] += 1;
        if (decision === 'allow') expect(objections(asked)).toEqual([]);
        expect(tier_needed === null).toBe(decision === 'deny');
        expect(policy_epoch).toBe(1);
      }),
      { numRuns: 5_000, seed: 20_261_120 },
    );
    expect(Math.min(seen.allow, seen.ask, seen.deny)).toBeGreaterThan(50);
    expect(alarms.filter(({ kind }) => kind !== 'request_refused')).toEqual([]);
  });
});
