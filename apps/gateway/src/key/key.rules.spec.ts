import { describe, expect, it } from '@jest/globals';
import { type CallContext, type PrincipalKind, PRINCIPAL_KINDS, TEAM_ROLES, type TeamRole } from '#contracts';
import { uuidv7 } from '#kernel';
import fc from 'fast-check';
import { ALL_PERMISSIONS, type Permission, PERMISSIONS, permissionsOf } from '../auth/permission.rules.js';
import { asOwnAgent, choicesOf, judgeKey, type KeyWish, leastRoles, permissionsOfKey, stateOf } from './key.rules.js';

const role = fc.constantFrom(...TEAM_ROLES);
const anybody = { id: uuidv7(), email: 'ada@example.org' };
const powers = fc.record({
  type: fc.constantFrom(...PRINCIPAL_KINDS),
  role: fc.option(role),
  scopes: fc.option(fc.subarray([...ALL_PERMISSIONS])),
});

describe('what a key may do', () => {
  it('is never more than its role, its scopes or the person behind it', () => {
    fc.assert(
      fc.property(powers, role, (key, person) => {
        for (const permission of permissionsOfKey(key, person)) {
          expect(PERMISSIONS[person]).toContain(permission);
          expect(PERMISSIONS[key.role ?? person]).toContain(permission);
          expect(key.scopes ?? ALL_PERMISSIONS).toContain(permission);
        }
      }),
    );
  });

  it('never is to decide, nor to make somebody who does, for an agent', () => {
    fc.assert(
      fc.property(powers, role, (key, person) => {
        const permissions = permissionsOfKey({ ...key, type: 'agent' }, person);
        for (const never of [
          'approval.decide',
          'violation.write',
          'budget.write',
          'kill.write',
          'policy.write',
          'member.write',
          'system.read',
          'key.own',
          'key.manage',
          'team.create',
        ]) {
          expect(permissions).not.toContain(never);
        }
        expect(leastRoles(permissions)).not.toContain('approver');
        expect(leastRoles(permissions)).not.toContain('admin');
      }),
    );
  });

  it.each<[PrincipalKind, TeamRole | null, Permission[] | null, TeamRole, Permission[]]>([
    ['person', null, null, 'approver', [...PERMISSIONS.approver]],
    ['person', 'admin', null, 'viewer', [...PERMISSIONS.viewer]],
    ['person', 'operator', null, 'approver', [...PERMISSIONS.viewer]],
    ['service', 'operator', ['execution.submit'], 'admin', ['execution.submit']],
    ['service', 'operator', ['approval.decide'], 'admin', []],
    ['agent', 'admin', ['approval.decide', 'execution.submit'], 'admin', ['execution.submit']],
  ])('%s, role %s, scopes %j, of a %s: %j', (type, given, scopes, person, expected) => {
    expect(permissionsOfKey({ type, role: given, scopes }, person)).toEqual(expected);
  });
});

describe('the roles that services are told', () => {
  it.each<[Permission[], TeamRole[]]>([
    [[], []],
    [['execution.read'], ['viewer']],
    [['execution.submit'], ['operator']],
    [['approval.decide'], ['approver']],
    [
      ['execution.read', 'execution.submit', 'approval.decide'],
      ['operator', 'approver'],
    ],
    [['key.manage'], ['admin']],
    ...TEAM_ROLES.map((one): [Permission[], TeamRole[]] => [[...PERMISSIONS[one]], [one]]),
  ])('of %j are %j', (permissions, roles) => {
    expect(leastRoles(permissions)).toEqual(roles);
  });

  it('hold what the key may do', () => {
    fc.assert(
      fc.property(powers, role, (key, person) => {
        const permissions = permissionsOfKey(key, person);
        expect(permissionsOf(leastRoles(permissions))).toEqual(expect.arrayContaining(permissions));
      }),
    );
  });
});

describe('what somebody can give a key', () => {
  const offered = (maker: TeamRole, type: PrincipalKind): TeamRole[] =>
    choicesOf(maker)
      .find((choice) => choice.type === type)!
      .roles.map((choice) => choice.role);

  it.each<[TeamRole, PrincipalKind, TeamRole[]]>([
    ['admin', 'person', ['viewer', 'operator', 'approver', 'admin']],
    ['admin', 'service', ['viewer', 'operator', 'approver', 'admin']],
    ['admin', 'agent', ['viewer', 'operator']],
    ['approver', 'service', ['viewer', 'approver']],
    ['approver', 'agent', ['viewer']],
    ['viewer', 'person', ['viewer']],
  ])('%s, %s: %j', (maker, type, roles) => {
    expect(offered(maker, type)).toEqual(roles);
  });

  it('is what they are then allowed, whole or in part, and what the key then may', () => {
    for (const maker of TEAM_ROLES) {
      for (const { type, roles } of choicesOf(maker)) {
        for (const { role: given, permissions } of roles) {
          const made = judgeKey({ type, name: 'ci', role: given, scopes: permissions }, { ...anybody, role: maker });
          expect(permissionsOfKey(made, maker)).toEqual(permissions);
        }
      }
    }
  });
});

describe('a wish for a key', () => {
  const maker = (own: TeamRole) => ({ id: uuidv7(), email: 'ada@example.org', role: own });
  const judge = (wish: KeyWish, own: TeamRole = 'admin') => judgeKey(wish, maker(own));

  it('of a person is named after them and follows their role', () => {
    const made = { type: 'person', name: 'ada@example.org', role: null, scopes: null };
    expect(judge({ type: 'person' })).toEqual(made);
  });

  it('of a machine is an operator unless it says so', () => {
    expect(judge({ type: 'agent', name: 'tidy-bot' })).toMatchObject({ role: 'operator', scopes: null });
    expect(judge({ type: 'service', name: 'ci', role: 'viewer' })).toMatchObject({ role: 'viewer' });
  });

  it('of a machine never stores more than its maker may, to have it when they are promoted', () => {
    expect(judge({ type: 'service', name: 'ci' }, 'operator').role).toBe('operator');
    for (const own of ['viewer', 'approver'] as const) {
      expect(judge({ type: 'service', name: 'ci' }, own).role).toBe('viewer');
    }
    fc.assert(
      fc.property(role, fc.option(role), fc.constantFrom(...PRINCIPAL_KINDS), (own, wished, type) => {
        const made = ((): TeamRole | null => {
          try {
            return judge({ type, name: 'ci', role: wished }, own).role;
          } catch {
            return null;
          }
        })();
        expect(PERMISSIONS[own]).toEqual(expect.arrayContaining([...PERMISSIONS[made ?? own]]));
      }),
    );
  });

  it.each<[string, KeyWish, TeamRole, string, string]>([
    ["in somebody else's name", { type: 'person', user_id: uuidv7() }, 'admin', 'key.somebody_else', '/user_id'],
    ['a role above', { type: 'person', role: 'admin' }, 'operator', 'key.beyond_yours', '/role'],
    ['a role beside', { type: 'service', name: 'ci', role: 'approver' }, 'operator', 'key.beyond_yours', '/role'],
    ['a scope above', { type: 'person', scopes: ['member.write'] }, 'operator', 'key.beyond_yours', '/scopes'],
    [
      "a scope of the installation's",
      { type: 'person', scopes: ['team.create'] },
      'admin',
      'key.beyond_yours',
      '/scopes',
    ],
    ['an agent without a name', { type: 'agent' }, 'admin', 'input.invalid', '/name'],
    ['a service called like ours', { type: 'service', name: 'executor' }, 'admin', 'input.invalid', '/name'],
    ['an agent called like a person', { type: 'agent', name: uuidv7() }, 'admin', 'input.invalid', '/name'],
  ])('%s is refused', (_name, wish, own, code, path) => {
    expect(() => judge(wish, own)).toThrow(
      expect.objectContaining({ code, details: { errors: [expect.objectContaining({ path })] } }),
    );
  });
});

describe('an agent', () => {
  const ctxOf = (kind: PrincipalKind): CallContext => {
    const principal = { kind, id: 'tidy-bot', name: 'tidy-bot' };
    return { team: uuidv7(), principal, on_behalf_of: principal, roles: [] };
  };

  it('speaks for itself, said or not, and for no other', () => {
    expect(asOwnAgent(ctxOf('agent'), {})).toEqual({ agent_id: 'tidy-bot' });
    expect(asOwnAgent(ctxOf('agent'), { agent_id: 'tidy-bot' })).toEqual({ agent_id: 'tidy-bot' });
    for (const agent_id of ['other', 'Tidy-bot', 'tidy-bot ', '']) {
      expect(() => asOwnAgent(ctxOf('agent'), { agent_id })).toThrow(
        expect.objectContaining({ code: 'auth.agent_refused' }),
      );
    }
  });

  it('is named by people and services as they like', () => {
    for (const kind of ['person', 'service'] as const) {
      expect(asOwnAgent(ctxOf(kind), { agent_id: 'other' })).toEqual({ agent_id: 'other' });
      expect(asOwnAgent(ctxOf(kind), {})).toEqual({});
    }
  });
});

it.each([
  [{ revoked: false, expired: false, uses: 5, usage_limit: null }, 'active'],
  [{ revoked: false, expired: false, uses: 4, usage_limit: 5 }, 'active'],
  [{ revoked: false, expired: false, uses: 5, usage_limit: 5 }, 'used_up'],
  [{ revoked: false, expired: true, uses: 5, usage_limit: 5 }, 'expired'],
  [{ revoked: true, expired: true, uses: 5, usage_limit: 5 }, 'revoked'],
] as const)('%j is %s', (key, state) => {
  expect(stateOf(key)).toBe(state);
});
