import {
  CheckCheck,
  KeyRound,
  ListChecks,
  type LucideIcon,
  OctagonX,
  Play,
  Scale,
  ShieldAlert,
  UserRound,
  Users,
  Wallet,
} from 'lucide-react';
import type { Permission } from '../session/use-me.js';

/** Of the side bar, in this order. */
export const GROUPS = ['Work', 'Governance', 'Settings'] as const;
type Group = (typeof GROUPS)[number];

export interface Place {
  to:
    | '/run'
    | '/executions'
    | '/approvals'
    | '/governance/policies'
    | '/governance/violations'
    | '/settings/members'
    | '/settings/keys'
    | '/settings/budgets'
    | '/settings/kill-switch'
    | '/settings/account';
  label: string;
  icon: LucideIcon;
  group: Group;
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
  {
    to: '/governance/policies',
    label: 'Policies',
    icon: Scale,
    group: 'Governance',
    key: 'p',
    needs: 'policy.read',
  },
  {
    to: '/governance/violations',
    label: 'Violations',
    icon: ShieldAlert,
    group: 'Governance',
    key: 'v',
    needs: 'violation.read',
  },
  { to: '/settings/members', label: 'Members', icon: Users, group: 'Settings', key: 'm', needs: 'member.read' },
  { to: '/settings/keys', label: 'API keys', icon: KeyRound, group: 'Settings', key: 'k', needs: 'key.own' },
  { to: '/settings/budgets', label: 'Budgets', icon: Wallet, group: 'Settings', key: 'b', needs: 'budget.read' },
  {
    to: '/settings/kill-switch',
    label: 'Kill switch',
    icon: OctagonX,
    group: 'Settings',
    key: 's',
    needs: 'kill.read',
  },
  { to: '/settings/account', label: 'My account', icon: UserRound, group: 'Settings', key: 'u' },
];
