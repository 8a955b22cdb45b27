import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cedar, newCedar } from './cedar.js';
import { PolicyEngine } from './policy.engine.js';
import { MAX_SLICE } from './policy-slice.rules.js';
import { MAX_LINKS, MAX_NESTING, scanText } from './policy-text.rules.js';
import type { PolicyAlarm, PolicyBundle, PolicyRequest } from './policy.types.js';

const schema = readFileSync(join(import.meta.dirname, '../../../../policies/schema.cedarschema'), 'utf8');

const policy = (id: string, body: string): [string, string] => [id, `@id("${id}") @sentence("Says ${id}.") ${body}`];
const ALLOW_CHANGES = policy('allow-changes', 'permit (principal, action in Action::"change", resource);');
const bundleOf = (policies: [string, string][], epoch = 1): PolicyBundle => ({
  policies: Object.fromEntries(policies),
  places: {},
  schema,
  path_classes: [],
  sensitive: [],
  epoch,
  digest: 'sha256:00',
  tests: [],
});

const request: PolicyRequest = {
  team: 't',
  principal: { kind: 'service', id: 'suite' },
  agent: { id: 'tidy', version: '1' },
  tool: { name: 'file.delete', version: '1' },
  effects: 'reversible',
  action_digest: 'sha256:00',
  workspace: { id: 'w', registered: true },
  target: { kind: 'path', paths: ['a'] },
  held: true,
  risk: 0.1,
  sandbox: 'bubblewrap',
  taint: { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: false },
  approvals: { role: 'approver', approvers: 0 },
};
const approvedBy = (approvers: number): PolicyRequest => ({ ...request, approvals: { role: 'approver', approvers } });

/** Real engines whose calls can be made to fail, and which are counted. */
function engines() {
  const made: Cedar[] = [];
  const calls: { name: string; args: unknown[] }[] = [];
  const broken = new Set<string>();
  const make = (): Cedar => {
    if (broken.has('new')) throw new Error('no engine to be had');
    const cedar = new Proxy(newCedar(), {
      get:
        (real, name: keyof Cedar) =>
        (...args: never[]) => {
          calls.push({ name, args });
          if (broken.has(name)) throw new Error('memory access out of bounds');
          return (real[name] as (...args: never[]) => unknown)(...args);
        },
    });
    made.push(cedar);
    return cedar;
  };
  return { make, made, calls, broken };
}

describe('what fails is a denial', () => {
  it('a forbid that cannot be evaluated is not skipped', () => {
    const alarms: PolicyAlarm[] = [];
    const overflowing = policy(
      'overflowing',
      'forbid (principal, action, resource) when { context.approvers + 9223372036854775807 < 0 };',
    );
    const engine = PolicyEngine.load(bundleOf([ALLOW_CHANGES, overflowing]), { alarm: (alarm) => alarms.push(alarm) });

    expect(engine.decide(request).decision).toBe('allow');
    const { input_digest, ...decision } = engine.decide(approvedBy(1));
    expect(decision).toMatchObject({ decision: 'deny', tier_needed: null, determining_policies: ['overflowing'] });
    expect(alarms).toMatchObject([{ kind: 'policy_error', policies: ['overflowing'], input_digest }]);
  });

  it.each([
    ['a file tool with a target that has no paths', { ...request, target: { kind: 'command', paths: [] } }],
    ['effects the schema does not know', { ...request, effects: 'harmless' }],
  ])('%s does not fit the schema', (_name, value) => {
    const alarms: PolicyAlarm[] = [];
    const engine = PolicyEngine.load(bundleOf([ALLOW_CHANGES]), { alarm: (alarm) => alarms.push(alarm) });
    const decision = engine.decide(value as PolicyRequest);
    expect(decision).toMatchObject({ decision: 'deny', determining_policies: [] });
    expect(decision.reasons.join()).toContain('does not fit the policy schema');
    expect(alarms).toMatchObject([{ kind: 'request_refused' }]);
  });

  it.each([
    [null],
    [undefined],
    [{}],
    [[]],
    ['x'],
    [{ ...request, risk: NaN }],
    [{ ...request, target: { kind: 'path', paths: [] } }],
  ])('garbage is denied: %j', (value) => {
    const engine = PolicyEngine.load(bundleOf([ALLOW_CHANGES]), {
      alarm: () => {
        throw new Error('the alarm is broken too');
      },
    });
    expect(engine.decide(value as unknown as PolicyRequest).decision).toBe('deny');
    expect(engine.decide(request).decision).toBe('allow');
  });

  it('an engine that throws denies and is replaced, with the same policies', () => {
    const alarms: PolicyAlarm[] = [];
    const { make, made, broken } = engines();
    const engine = PolicyEngine.load(bundleOf([ALLOW_CHANGES]), { cedar: make, alarm: (alarm) => alarms.push(alarm) });

    broken.add('statefulIsAuthorized');
    expect(engine.decide(request)).toMatchObject({ decision: 'deny', policy_epoch: 1 });
    expect(alarms).toMatchObject([{ kind: 'engine_replaced' }]);
    broken.clear();
    expect(engine.decide(request).decision).toBe('allow');
    expect(made).toHaveLength(2);
  });

  it('denies for as long as no engine is to be had', () => {
    const { make, broken } = engines();
    const engine = PolicyEngine.load(bundleOf([ALLOW_CHANGES]), { cedar: make });
    broken.add('statefulIsAuthorized').add('new');
    expect(engine.decide(request).decision).toBe('deny');
    broken.delete('statefulIsAuthorized');
    expect(engine.decide(request).decision).toBe('deny');
    broken.clear();
    expect(engine.decide(request).decision).toBe('allow');
  });

  it('a tool no policy file knows is denied', () => {
    const engine = PolicyEngine.load(bundleOf([policy('all', 'permit (principal, action, resource);')]));
    for (const name of ['rocket.launch', 'change', 'constructor'])
      expect(engine.decide({ ...request, tool: { name, version: '1' } })).toMatchObject({ decision: 'deny' });
  });
});

describe('text that would kill the engine', () => {
  const condition = (text: string) => policy('deep', `permit (principal, action, resource) when { ${text} };`);
  const killers: [string, string][] = [
    ['nested brackets', `${'('.repeat(400)}true${')'.repeat(400)}`],
    ['a long sum', `${'1 + '.repeat(400)}1 == 2`],
    ['a long path of attributes', `context${'.a'.repeat(400)} == 1`],
    ['a long path of indexes', `context${'["a"]'.repeat(400)} == 1`],
    ['a long else if', `${'if true then true else '.repeat(1000)}true`],
    ['brackets behind a comment that ends with a carriage return', `// \r ${'('.repeat(400)}true${')'.repeat(400)}\n`],
  ];

  it.each(killers)('%s: kills a bare engine, is refused by the guard', (_name, text) => {
    const [, deep] = condition(text);
    const bare = newCedar();
    expect(() => {
      bare.preparsePolicySet('p', { staticPolicies: { deep } });
      const entity = { type: 'Workspace', id: 'w' };
      const ask = {
        principal: entity,
        action: { type: 'Action', id: 'a' },
        resource: entity,
        context: {},
        entities: [],
      };
      bare.statefulIsAuthorized({ ...ask, preparsedPolicySetId: 'p' });
    }).toThrow();
    expect(() => bare.policyToJson('permit (principal, action, resource);')).toThrow();

    const { make, calls } = engines();
    expect(() => PolicyEngine.load(bundleOf([['deep', deep]]), { cedar: make })).toThrow(
      expect.objectContaining({ code: 'policy.bundle_invalid' }),
    );
    expect(calls.map(({ name }) => name)).not.toContain('policyToJson');
  });

  it('the worst the guard lets through leaves the engine alive', () => {
    const half = MAX_NESTING - 4;
    const mixed = `${'(1 + '.repeat(half)}${'1 + '.repeat(MAX_LINKS - half - 4)}1${')'.repeat(half)} == 2`;
    const chained = `${'if true then true else '.repeat(MAX_LINKS - 2)}true`;
    const nested = `${'('.repeat(half)}${'1 * 1 + '.repeat(MAX_LINKS / 2 - 2)}1${')'.repeat(half)} == 1`;
    for (const text of [mixed, chained, nested]) {
      const [id, body] = condition(text);
      expect(scanText('', body, 'policy')).toHaveProperty('statements');
      const engine = PolicyEngine.load(bundleOf([[id, body]]));
      expect(engine.decide(request).decision).toMatch(/allow|deny/);
      expect(engine.decide(request).reasons.join()).not.toContain('engine failed');
    }
  });
});

describe('tiers', () => {
  const needs = (count: number) =>
    policy('needs-people', `permit (principal, action, resource) when { context.approvers >= ${count} };`);

  it.each([
    [0, 0, 'allow', 1],
    [0, 2, 'allow', 1],
    [1, 0, 'ask', 2],
    [1, 1, 'allow', 2],
    [2, 1, 'ask', 3],
    [2, 2, 'allow', 3],
    [2, 7, 'allow', 3],
    [3, 0, 'deny', null],
    [3, 3, 'deny', null],
  ] as const)('%i needed, %i present: %s, tier %p', (needed, present, decision, tier_needed) => {
    const engine = PolicyEngine.load(bundleOf([needs(needed)]));
    expect(engine.decide(approvedBy(present))).toMatchObject({ decision, tier_needed });
  });

  it.each([
    ['a plain forbid', 'forbid (principal, action, resource);'],
    ['a forbid that asks for approvers', 'forbid (principal, action, resource) unless { context.approvers >= 1 };'],
  ])('%s cannot be approved away', (_name, text) => {
    const engine = PolicyEngine.load(bundleOf([needs(1), policy('never', text)]));
    for (const present of [0, 1, 2])
      expect(engine.decide(approvedBy(present))).toMatchObject({
        decision: 'deny',
        determining_policies: ['never'],
        reasons: ['Says never.'],
      });
  });

  it('tells people what is missing', () => {
    const { reasons } = PolicyEngine.load(bundleOf([needs(2)])).decide(approvedBy(1));
    expect(reasons).toEqual(['Says needs-people.', 'Needs two different approvers; 1 counted so far.']);
  });
});

describe('another bundle', () => {
  const NOTHING = policy('nothing', 'forbid (principal, action, resource);');

  it('is in force at once, and many of them use two ids for each slice', () => {
    const { make, made, calls } = engines();
    const engine = PolicyEngine.load(bundleOf([ALLOW_CHANGES]), { cedar: make });
    for (let epoch = 2; epoch <= 20; epoch += 1) {
      engine.swap(bundleOf([epoch % 2 === 0 ? NOTHING : ALLOW_CHANGES], epoch));
      expect(engine.decide(request)).toMatchObject({
        decision: epoch % 2 === 0 ? 'deny' : 'allow',
        policy_epoch: epoch,
      });
    }
    expect(made).toHaveLength(1);
    const ids = calls.filter(({ name }) => name.startsWith('preparse')).map(({ args }) => String(args[0]));
    const perSlice = Map.groupBy(new Set(ids), (id) => id.slice(0, -2));
    expect(perSlice.size).toBe(10);
    for (const slots of perSlice.values()) expect(slots).toHaveLength(2);
  });

  it.each([
    ['breaks the schema', bundleOf([policy('typo', 'permit (principal, action, resource) when { context.nope };')], 2)],
    ['has an older epoch', bundleOf([NOTHING], 1)],
    ['gives a policy another id', bundleOf([['other', NOTHING[1]]], 2)],
    ['can never apply', bundleOf([policy('dead', 'forbid (principal, action, resource) when { false };')], 2)],
  ])('is refused when it %s; the one in force stays', (_name, bad) => {
    const engine = PolicyEngine.load(bundleOf([ALLOW_CHANGES]));
    expect(() => engine.swap(bad)).toThrow(expect.objectContaining({ code: 'policy.bundle_invalid' }));
    expect(engine.decide(request)).toMatchObject({ decision: 'allow', policy_epoch: 1 });
  });

  it('that crashes the engine leaves the one in force deciding in a new engine', () => {
    const { make, made, broken } = engines();
    const engine = PolicyEngine.load(bundleOf([ALLOW_CHANGES]), { cedar: make });
    broken.add('validate');
    expect(() => engine.swap(bundleOf([NOTHING], 2))).toThrow(
      expect.objectContaining({ code: 'policy.bundle_invalid' }),
    );
    broken.clear();
    expect(engine.decide(request)).toMatchObject({ decision: 'allow', policy_epoch: 1 });
    expect(made).toHaveLength(2);
  });

  it('is refused with more policies for an action than a decision may cost', () => {
    const many = (count: number, action: string) =>
      Array.from({ length: count }, (_, nth) =>
        policy(`${action.replace('_', '-')}-${nth}`, `permit (principal, action in Action::"${action}", resource);`),
      );
    const full = [...many(MAX_SLICE, 'read'), ...many(MAX_SLICE, 'change')];
    expect(PolicyEngine.load(bundleOf(full)).decide(request).determining_policies).toHaveLength(MAX_SLICE);
    expect(() => PolicyEngine.load(bundleOf([...full, ...many(1, 'on_paths')]))).toThrow(
      /51 policies may apply to file/,
    );
  });
});
