import { CheckCheck, KeyRound, ListChecks, Play, Users, UserRound, type LucideIcon } from 'lucide-react';
import type { Permission } from '../session/use-me.js';

export interface Place {
  to: '/run' | '/executions' | '/approvals' | '/settings/members' | '/settings/keys' | '/settings/account';
  label: string;
  icon: LucideIcon;
  group: 'Work' | 'Settings';
  /** Second key after `g`. */
  key: string;
  needs?: Permission;
  count?: 'pending approvals' | 'live executions';
}

/** Where one can go: the side bar, the command palette and the `g` shortcuts are made of it. */
export const PLACES: readonly Place[] = [
  { to: '/run', label: 'Run', icon: Play, group: 'Work', key: 'r', needs: 'execution.submit' },
  {
    to: '/executions',
    label: 'Executions',
    icon: ListChecks,
    group: 'Work',
    key: 'e',
    needs: 'execution.read',
    count: 'live executions',
  },
  {
    to: '/approvals',
    label: 'Approvals',
    icon: CheckCheck,
    group: 'Work',
    key: 'a',
    needs: 'approval.read',
    count: 'pending approvals',
  },
  { to: '/settings/members', label: 'Members', icon: Users, group: 'Settings', key: 'm', needs: 'member.read' },
  { to: '/settings/keys', label: 'API keys', icon: KeyRound, group: 'Settings', key: 'k', needs: 'key.own' },
  { to: '/settings/account', label: 'My account', icon: UserRound, group: 'Settings', key: 'u' },
];
