import type { TeamRole } from '#client/browser';

interface RoleWords {
  role: TeamRole;
  label: string;
  may: string;
}

/** What each role may do, in words; least first. */
export const ROLES: readonly RoleWords[] = [
  { role: 'viewer', label: 'Viewer', may: 'Sees runs, approvals, playbooks and members. Changes nothing.' },
  {
    role: 'operator',
    label: 'Operator',
    may: 'Also predicts, starts, pauses, cancels and rolls back runs. Approves nothing.',
  },
  { role: 'approver', label: 'Approver', may: 'Also answers approvals of what others asked for. Starts no runs.' },
  {
    role: 'admin',
    label: 'Admin',
    may: 'All of that, and decides who is in the team. Nobody approves their own runs.',
  },
];

export const roleLabel = (role: string): string =>
  ROLES.find((one) => one.role === role)?.label ?? (role === 'installation_admin' ? 'Installation admin' : role);

export const roleWords = (role: TeamRole): string => ROLES.find((one) => one.role === role)!.may;
