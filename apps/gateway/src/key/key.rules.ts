import {
  type CallContext,
  invalidInput,
  type PrincipalKind,
  PRINCIPAL_KINDS,
  type Role,
  SERVICES,
  TEAM_ROLES,
  type TeamRole,
} from '#contracts';
import { isUuid } from '#kernel';
import { type Permission, PERMISSIONS } from '../auth/permission.rules.js';
import { anotherAgent, beyondYours, somebodyElsesKey } from './key.errors.js';

/**
 * What no agent may do, whatever its key says: decide, change what is decided by, say what it may spend or whether it is
 * stopped, or make somebody who does.
 */
export const NEVER_BY_AGENTS: readonly Permission[] = [
  'approval.decide',
  'policy.write',
  'violation.write',
  'budget.write',
  'kill.write',
  'member.write',
  'system.read',
  'key.own',
  'key.manage',
];
/** Of a machine that was given none: the first of these that its maker covers, so that it grows with nobody. */
const DEFAULT_ROLES: readonly TeamRole[] = ['operator', 'viewer'];

/** What a key was made to do. */
export interface KeyPowers {
  type: PrincipalKind;
  /** Null: whatever the person may. */
  role: TeamRole | null;
  /** Null: everything its role holds. */
  scopes: readonly Permission[] | null;
}

/**
 * What a key may do while the person behind it has this role: what its role, its scopes and that person may, all three.
 */
export const permissionsOfKey = ({ type, role, scopes }: KeyPowers, person: TeamRole): Permission[] =>
  PERMISSIONS[role ?? person].filter(
    (permission) =>
      PERMISSIONS[person].includes(permission) &&
      (scopes === null || scopes.includes(permission)) &&
      !(type === 'agent' && NEVER_BY_AGENTS.includes(permission)),
  );

/** The least roles that together hold these permissions: what services are told of a key. */
export const leastRoles = (permissions: readonly Permission[]): TeamRole[] => {
  const first = (permission: Permission) => TEAM_ROLES.find((role) => PERMISSIONS[role].includes(permission));
  const needed = new Set(permissions.map(first));
  const covers = (one: TeamRole, other: TeamRole) =>
    one !== other && PERMISSIONS[other].every((permission) => PERMISSIONS[one].includes(permission));
  return TEAM_ROLES.filter(
    (role) => needed.has(role) && !TEAM_ROLES.some((one) => needed.has(one) && covers(one, role)),
  );
};

/** The one role a key has in its team by `leastRoles`; null: none, or several. */
export const roleOfKey = (roles: readonly Role[]): TeamRole | null => {
  const [role, ...more] = roles.filter((one) => one !== 'installation_admin');
  return more.length === 0 ? (role ?? null) : null;
};

/** What somebody can give a key of one type: roles, each with what it comes to in such a key. */
export interface KeyChoice {
  type: PrincipalKind;
  roles: { role: TeamRole; permissions: Permission[] }[];
}

/** Only roles that the maker has, and that a key of this type can be: an agent's never decides, so none is an approver. */
export const choicesOf = (maker: TeamRole): KeyChoice[] =>
  PRINCIPAL_KINDS.map((type) => ({
    type,
    roles: TEAM_ROLES.map((role) => ({
      role,
      permissions: permissionsOfKey({ type, role, scopes: null }, maker),
    })).filter(({ role, permissions }) => roleOfKey(leastRoles(permissions)) === role),
  }));

export interface KeyWish {
  user_id?: string | null;
  name?: string | null;
  type: PrincipalKind;
  role?: TeamRole | null;
  scopes?: Permission[] | null;
}

/** A machine's name stands beside those of our own services and of people in every record. */
const isTaken = (name: string): boolean => isUuid(name) || (SERVICES as readonly string[]).includes(name);

/**
 * What a wish comes to. Nobody gives what they have not got, or in somebody else's name: with it they could approve
 * what they asked for.
 * @throws AppError located: `input.invalid`, `key.somebody_else`, `key.beyond_yours`
 */
export const judgeKey = (
  wish: KeyWish,
  maker: { id: string; email: string; role: TeamRole },
): KeyPowers & { name: string } => {
  if (wish.user_id && wish.user_id !== maker.id) throw somebodyElsesKey();
  const { type } = wish;
  const name = wish.name ?? (type === 'person' ? maker.email : undefined);
  if (name === undefined) throw invalidInput([{ path: '/name', message: `must name the ${type}` }]);
  if (type !== 'person' && isTaken(name))
    throw invalidInput([{ path: '/name', message: 'is not a name for a machine' }]);
  const own = PERMISSIONS[maker.role];
  const covers = (role: TeamRole): boolean => PERMISSIONS[role].every((permission) => own.includes(permission));
  if (wish.role && !covers(wish.role)) {
    throw beyondYours('/role', `the role ${wish.role}`);
  }
  const beyond = wish.scopes?.find((permission) => !own.includes(permission));
  if (beyond) throw beyondYours('/scopes', beyond);
  const usual = type === 'person' ? null : DEFAULT_ROLES.find(covers)!;
  return { type, name, role: wish.role ?? usual, scopes: wish.scopes ?? null };
};

/**
 * The agent a question is about: an agent's key speaks for its own alone, so it may be left out.
 * @throws AppError `auth.agent_refused`
 */
export const asOwnAgent = <T extends { agent_id?: string }>({ principal }: CallContext, input: T): T => {
  if (principal.kind !== 'agent') return input;
  if ((input.agent_id ?? principal.id) !== principal.id) throw anotherAgent(principal.id);
  return { ...input, agent_id: principal.id };
};

export type KeyState = 'active' | 'used_up' | 'expired' | 'revoked';

export const stateOf = (key: {
  revoked: boolean;
  expired: boolean;
  uses: number;
  usage_limit: number | null;
}): KeyState => {
  if (key.revoked) return 'revoked';
  if (key.expired) return 'expired';
  return key.usage_limit !== null && key.uses >= key.usage_limit ? 'used_up' : 'active';
};
