import type { Role, TeamRole } from '#contracts';
import { type Permission, PERMISSIONS } from '../auth/permission.rules.js';
import { roleBeyondKey } from './member.errors.js';

interface Person {
  installation_admin: boolean;
  places: readonly { team: string; role: TeamRole }[];
}

/**
 * In which team a person acts, and in what roles: the named team, else the one they signed in to. Null when they are
 * not in it. An installation admin is let into any team by name, with that role alone.
 */
export const actingIn = (
  person: Person,
  wish: { named?: string; signedInTo: string },
): { team: string; roles: Role[] } | null => {
  const team = wish.named ?? wish.signedInTo;
  const place = person.places.find((one) => one.team === team);
  const roles: Role[] = [
    ...(place ? [place.role] : []),
    ...(person.installation_admin ? ['installation_admin' as const] : []),
  ];
  return roles.length > 0 ? { team, roles } : null;
};

/** True when the change would leave the team without an admin. */
export const takesLastAdmin = (change: { from: TeamRole | null; to: TeamRole | null; admins: number }): boolean =>
  change.from === 'admin' && change.to !== 'admin' && change.admins <= 1;

/**
 * Whether somebody may be handed a one-time password of a person, by which they could act as that person everywhere: an
 * installation admin; others only while the person has never set their own, and nowhere but here.
 */
export const mayHoldPassword = (
  person: { settled: boolean; installation_admin: boolean; elsewhere: boolean },
  roles: readonly Role[],
): boolean =>
  roles.includes('installation_admin') || (!person.settled && !person.installation_admin && !person.elsewhere);

/** By what somebody acts on a team: what they may do there, and whether an API key let them in. */
export interface Standing {
  permissions: readonly Permission[];
  grant: { key: object | null };
}

/**
 * A key gives no role that holds more than the key itself may do: whoever holds it could act as the person it made.
 * @throws AppError `member.role_beyond_key`
 */
export const judgeRole = (role: TeamRole, { permissions, grant }: Standing): void => {
  if (grant.key === null) return;
  if (!PERMISSIONS[role].every((permission) => permissions.includes(permission))) throw roleBeyondKey(role);
};
