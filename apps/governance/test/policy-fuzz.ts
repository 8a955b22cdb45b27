import fc from 'fast-check';
import type { PolicyDecision, PolicyRequest } from '../src/policy/policy.types.js';

const path = fc.oneof(
  fc.constantFrom(
    ...['.', '', '/', '/etc/passwd', 'a/../../b', '..', 'data', 'data/x\ny', 'DATA/x', '.git/HEAD', 'x/.env'],
    ...['.ssh/id', 'a\0b'],
  ),
  fc
    .array(fc.constantFrom('data', '.git', '.env.prod', '.ssh', 'src', '..', '.', '', 'é', '-rf'), { maxLength: 5 })
    .map((parts) => parts.join('/')),
  fc.string({ maxLength: 12 }),
);
const paths = fc.array(path, { maxLength: 4 });
const FILE_TOOLS = ['file.list', 'file.read', 'file.write', 'file.delete'];
const SENDS = ['http.request', 'mail.send', 'chat.post'];
const TOOLS = [...FILE_TOOLS, 'shell.run', 'execution.submit', ...SENDS];
const taint = fc.record({
  read_sensitive: fc.boolean(),
  read_untrusted: fc.boolean(),
  external_send_pending: fc.boolean(),
  secrets_used: fc.boolean(),
});
const target = fc.oneof(
  fc.record({ kind: fc.constant('path'), paths }),
  fc.record({ kind: fc.constant('command'), paths }),
  fc.record({ kind: fc.constant('send'), host: fc.constantFrom('example.org', 'h', ''), paths }),
  fc.record({ kind: fc.constant('execution'), driver: fc.constantFrom('playbook', 'openai', 'x') }),
);

/** Most of them do not fit the schema. */
const anything = fc.record({
  team: fc.constantFrom('t', ''),
  principal: fc.record({
    kind: fc.constantFrom('person', 'agent', 'service', 'root'),
    id: fc.constantFrom('a', 'b"', ''),
  }),
  agent: fc.record({ id: fc.string({ minLength: 1, maxLength: 5 }), version: fc.constant('1') }),
  tool: fc.record({ name: fc.constantFrom(...TOOLS, 'change', 'send', '__proto__'), version: fc.constant('1') }),
  effects: fc.constantFrom('none', 'reversible', 'reversible', 'reversible', 'compensable', 'irreversible', 'odd'),
  action_digest: fc.constant('sha256:00'),
  workspace: fc.record({ id: fc.constant('w'), registered: fc.constantFrom(true, true, true, false, 'yes') }),
  target,
  held: fc.boolean(),
  risk: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(null, 0.7, 0.9, -1, 2, NaN, '0')),
  sandbox: fc.constantFrom('bubblewrap', 'bubblewrap', 'none', 'firejail'),
  taint: fc.oneof(taint, fc.constantFrom({}, { read_sensitive: 'no' })),
  approvals: fc.record({
    role: fc.constantFrom('approver', 'approver', 'approver', 'viewer'),
    approvers: fc.constantFrom(0, 0, 1, 2, 3, -1, 0.5),
  }),
});

const kindOf = (tool: string): string =>
  tool === 'shell.run' ? 'command' : tool === 'execution.submit' ? 'execution' : SENDS.includes(tool) ? 'send' : 'path';

/** Fits the schema, so that the policies themselves are reached. */
const wellFormed = fc
  .record({
    name: fc.constantFrom(...TOOLS),
    paths: fc.array(path, { minLength: 1, maxLength: 3 }),
    driver: fc.constantFrom('playbook', 'openai'),
    effects: fc.constantFrom('none', 'reversible', 'reversible', 'irreversible'),
    registered: fc.constantFrom(true, true, true, false),
    held: fc.boolean(),
    risk: fc.constantFrom(null, 0, 0.3, 0.69995, 0.7, 0.89996, 0.9, 1),
    sandbox: fc.constantFrom('bubblewrap', 'none'),
    approvers: fc.nat({ max: 3 }),
    taint,
  })
  .map(({ name, paths: list, driver, registered, approvers, ...rest }) => {
    const kind = kindOf(name);
    const acted = kind === 'execution' ? { driver } : { paths: list, ...(kind === 'send' && { host: 'example.org' }) };
    return {
      team: 't',
      principal: { kind: 'agent', id: 'a' },
      agent: { id: 'a', version: '1' },
      tool: { name, version: '1' },
      action_digest: 'sha256:00',
      workspace: { id: 'w', registered },
      target: { kind, ...acted },
      approvals: { role: 'approver', approvers },
      ...rest,
    };
  });

/** Said once more without Cedar and without the engine's own rules: why this request must not be allowed. */
export function objections(request: PolicyRequest): string[] {
  const { tool, target, approvals, risk, effects, taint: met } = request;
  const { approvers } = approvals;
  const list: string[] = 'paths' in target ? target.paths : [];
  const parts = list.map((one) =>
    one
      .toLowerCase()
      .split('/')
      .filter((part) => part && part !== '.'),
  );
  const has = (test: (part: string) => boolean): boolean => parts.some((one) => one.some(test));
  const changes = ['file.write', 'file.delete'].includes(tool.name);
  const reads = ['file.list', 'file.read'].includes(tool.name);
  const sends = SENDS.includes(tool.name);
  const secret = has((part) => part.startsWith('.env') || part === '.ssh');
  const history = has((part) => part === '.git');
  const data = parts.some(([first]) => first === 'data');
  const acts = changes || tool.name === 'shell.run';
  const flags = ['read_sensitive', 'read_untrusted', 'external_send_pending', 'secrets_used'] as const;
  const rules: [boolean, string][] = [
    [!TOOLS.includes(tool.name), 'tool'],
    [target.kind !== kindOf(tool.name), 'target of another kind'],
    [target.kind === 'path' && list.length === 0, 'no path'],
    [target.kind === 'send' && !target.host, 'no host'],
    [request.workspace.registered !== true, 'workspace'],
    [!['person', 'agent', 'service'].includes(request.principal.kind) || !request.principal.id || !request.team, 'who'],
    [approvals.role !== 'approver' || !Number.isInteger(approvers) || approvers < 0, 'approvals'],
    [list.some((one) => one.startsWith('/') || one.includes('\0') || one.split('/').includes('..')), 'outside'],
    [changes && parts.some((one) => one.length === 0), 'root'],
    [risk !== null && !(typeof risk === 'number' && risk >= 0 && risk <= 1), 'risk'],
    [typeof risk === 'number' && risk >= 0.9 && approvers < 2, 'two approvers for the risk'],
    [typeof risk === 'number' && risk >= 0.7 && approvers < 1, 'one approver for the risk'],
    [changes && !request.held && approvers < 1, 'change without a hold'],
    [acts && data && approvers < 1, 'data'],
    [acts && (secret || history) && approvers < 2, 'secret'],
    [reads && secret && approvers < 1, 'secret read'],
    [reads && secret && met.external_send_pending && met.read_untrusted && approvers < 2, 'secret read before a send'],
    [sends && approvers < 1, 'send'],
    [sends && met.read_sensitive && met.read_untrusted && approvers < 2, 'send after a sensitive read'],
    [sends && (secret || history || data) && approvers < 2, 'send of protected files'],
    [tool.name === 'shell.run' && request.sandbox !== 'bubblewrap' && approvers < 1, 'sandbox'],
    [!['none', 'reversible', 'compensable', 'irreversible'].includes(effects), 'effects'],
    [effects === 'irreversible' && !request.held, 'hold'],
    [target.kind === 'execution' && target.driver !== 'playbook', 'driver'],
    [flags.some((flag) => typeof met?.[flag] !== 'boolean'), 'taint'],
  ];
  return rules.filter(([applies]) => applies).map(([, name]) => name);
}

export interface Fuzzed {
  allow: number;
  ask: number;
  deny: number;
  /** Allowed against an objection, or an answer that contradicts itself; at most the first ten. */
  wrong: { request: unknown; objections: string[]; decision: PolicyDecision }[];
}

/** Asks `runs` random requests, the same ones for the same seed. `decide` must never throw. */
export const fuzz = (
  decide: (request: PolicyRequest) => PolicyDecision,
  { runs, seed }: { runs: number; seed: number },
): Fuzzed => {
  const seen: Fuzzed = { allow: 0, ask: 0, deny: 0, wrong: [] };
  const property = fc.property(fc.oneof(wellFormed, anything), (value) => {
    const request = value as unknown as PolicyRequest;
    const decision = decide(request);
    seen[decision.decision] += 1;
    const against = decision.decision === 'allow' ? objections(request) : [];
    if (decision.decision === 'ask' && decision.tier_needed === 1) against.push('asks nobody');
    if ((decision.tier_needed === null) !== (decision.decision === 'deny')) against.push('tier without a decision');
    if (against.length > 0 && seen.wrong.length < 10)
      seen.wrong.push({ request: value, objections: against, decision });
  });
  fc.assert(property, { numRuns: runs, seed, endOnFailure: true });
  return seen;
};
