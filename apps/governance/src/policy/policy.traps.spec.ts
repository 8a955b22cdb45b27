import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cedar, newCedar } from './cedar.js';
import { PolicyEngine } from './policy.engine.js';
import { MAX_SLICE } from './policy-slice.rules.js';
import type { PolicyAlarm, PolicyBundle, PolicyRequest } from './policy.types.js';

/** Traps of the engine underneath: each is walked into with the bare engine, and then not with ours. */
const schema = readFileSync(join(import.meta.dirname, '../../../../policies/schema.cedarschema'), 'utf8');
const ALLOW = 'permit (principal, action, resource);';
const policy = (id: string, body: string): [string, string] => [id, `@id("${id}") @sentence("Says ${id}.") ${body}`];
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
  risk: null,
  sandbox: 'bubblewrap',
  taint: { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: false },
  approvals: { role: 'approver', approvers: 0 },
};
const bareQuestion = {
  principal: { type: 'Service', id: 'suite' },
  action: { type: 'Action', id: 'file.delete' },
  resource: { type: 'Workspace', id: 'w' },
  context: {},
  entities: [],
};

describe('a forbid that fails is skipped, and the answer is allow', () => {
  const FORBID_RISK = 'forbid (principal, action, resource) when { context.risk.lessThan(decimal("1.0")) };';

  it('by the bare engine', () => {
    const answer = newCedar().isAuthorized({
      ...bareQuestion,
      policies: { staticPolicies: { a: ALLOW, b: FORBID_RISK } },
    });
    expect(answer).toMatchObject({ type: 'success', response: { decision: 'allow', diagnostics: { reason: ['a'] } } });
  });

  it('never by ours: it does not load, and what fails all the same denies and raises an alarm', () => {
    expect(() => PolicyEngine.load(bundleOf([policy('a', ALLOW), policy('b', FORBID_RISK)]))).toThrow(
      expect.objectContaining({ code: 'policy.bundle_invalid' }),
    );
    const alarms: PolicyAlarm[] = [];
    const overflow = 'forbid (principal, action, resource) when { context.approvers + 9223372036854775807 < 0 };';
    const engine = PolicyEngine.load(bundleOf([policy('a', ALLOW), policy('b', overflow)]), {
      alarm: (alarm) => alarms.push(alarm),
    });
    const decision = engine.decide({ ...request, approvals: { role: 'approver', approvers: 1 } });
    expect(decision).toMatchObject({ decision: 'deny', determining_policies: ['b'] });
    expect(alarms).toMatchObject([{ kind: 'policy_error' }]);
  });
});

describe('policies loaded as one text lose their ids', () => {
  it('in the bare engine', () => {
    const answer = newCedar().isAuthorized({
      ...bareQuestion,
      policies: { staticPolicies: policy('allow-all', ALLOW)[1] },
    });
    expect(answer).toMatchObject({ response: { diagnostics: { reason: ['policy0'] } } });
  });

  it('never in ours', () => {
    const engine = PolicyEngine.load(bundleOf([policy('allow-all', ALLOW)]));
    expect(engine.decide(request)).toMatchObject({ decision: 'allow', determining_policies: ['allow-all'] });
  });
});

describe('some hundred nested brackets kill the engine for the process', () => {
  const deep = `permit (principal, action, resource) when { ${'('.repeat(400)}true${')'.repeat(400)} };`;

  it('the bare one', () => {
    const bare = newCedar();
    expect(() => bare.policyToJson(deep)).toThrow();
    expect(() => bare.policyToJson(ALLOW)).toThrow();
  });

  it('not ours: such text never reaches it, and the bundle in force goes on deciding', () => {
    const engine = PolicyEngine.load(bundleOf([policy('a', ALLOW)]));
    expect(() => engine.swap(bundleOf([policy('deep', deep)], 2))).toThrow(/nested deeper/);
    expect(engine.decide(request).decision).toBe('allow');
  });
});

describe('every new id of parsed policies stays in memory', () => {
  const SWAPS = 300;
  let memories: { buffer: ArrayBuffer }[];
  /** Engines whose memory can be looked at. */
  const watched = (): Cedar => {
    // Engines are made in Node's own realm, where its functions are from, not in the test's.
    const { WebAssembly } = (readFileSync.constructor as FunctionConstructor)('return globalThis')();
    const { Instance } = WebAssembly;
    WebAssembly.Instance = class extends Instance {
      constructor(...args: unknown[]) {
        super(...args);
        memories.push((this as any).exports.memory);
      }
    };
    try {
      return newCedar();
    } finally {
      WebAssembly.Instance = Instance;
    }
  };
  const size = (): number => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  const large = (n: number): [string, string][] =>
    Array.from({ length: MAX_SLICE }, (_, i) =>
      policy(`p-${i}`, `permit (principal, action, resource) when { context.approvers == ${n + i} };`),
    );
  beforeAll(() => {
    memories = [];
  });

  it('of the bare engine', () => {
    const bare = watched();
    const before = size();
    for (let n = 0; n < SWAPS; n++)
      bare.preparsePolicySet(`set-${n}`, { staticPolicies: Object.fromEntries(large(n)) });
    expect(size() - before).toBeGreaterThan(10_000_000);
  });

  it('of ours two ids take turns', () => {
    memories = [];
    const engine = PolicyEngine.load(bundleOf(large(0)), { cedar: watched });
    for (let epoch = 2; epoch < 20; epoch++) engine.swap(bundleOf(large(epoch), epoch));
    const before = size();
    for (let epoch = 20; epoch < 20 + SWAPS / 10; epoch++) engine.swap(bundleOf(large(epoch), epoch));
    expect(size()).toBe(before);
  });
});

describe('a decision costs as much as there are policies', () => {
  const of = (action: string, count: number): [string, string][] =>
    Array.from({ length: count }, (_, n) =>
      policy(`${action.replace('.', '-')}-${n}`, `permit (principal, action == Action::"${action}", resource);`),
    );

  it('in ours, as there are for its action: never more than a slice', () => {
    const sizes: number[] = [];
    const make = (): Cedar =>
      new Proxy(newCedar(), {
        get: (real, name: keyof Cedar) =>
          name === 'preparsePolicySet'
            ? (id: string, set: { staticPolicies: object }) => {
                sizes.push(Object.keys(set.staticPolicies).length);
                return real.preparsePolicySet(id, set as never);
              }
            : real[name],
      });
    const never = policy('never', 'forbid (principal, action, resource) when { context.held };');
    const many = [
      ...of('file.read', MAX_SLICE - 1),
      ...of('file.delete', MAX_SLICE - 1),
      ...of('shell.run', MAX_SLICE - 1),
    ];
    const engine = PolicyEngine.load(bundleOf([...many, never]), { cedar: make });
    expect(Math.max(...sizes)).toBe(MAX_SLICE);
    // What names no action is in every slice: a forbid lost by slicing would be an allow.
    expect(engine.decide(request)).toMatchObject({ decision: 'deny', determining_policies: ['never'] });
    expect(() =>
      PolicyEngine.load(
        bundleOf([
          ...many,
          never,
          ...of('file.read', 2).map(([id, text]) => policy(`${id}-x`, text.split('") ').at(-1)!)),
        ]),
      ),
    ).toThrow(/at most 50 are allowed/);
  });
});
