import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { approvalTabOf } from './approval/approval.rules.js';
import { budgetFiltersOf } from './budget/budget-filters.rules.js';
import { CrashPage, NotFoundPage } from './frame/dead-ends.js';
import { Shell } from './frame/shell.js';
import { SessionGate } from './session/session-gate.js';
import { executionFiltersOf } from './execution/execution-filters.rules.js';
import { policySearchOf } from './policy/policy-search.rules.js';
import { violationFiltersOf } from './governance/violation-filters.rules.js';

const root = createRootRoute({
  component: () => (
    <SessionGate>
      <Shell />
    </SessionGate>
  ),
  errorComponent: CrashPage,
  notFoundComponent: NotFoundPage,
  // From anywhere: the approval that is open in the modal.
  validateSearch: (search: Record<string, unknown>): { approval?: string } =>
    typeof search['approval'] === 'string' ? { approval: search['approval'] } : {},
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/executions' });
  },
});
const run = createRoute({
  getParentRoute: () => root,
  path: '/run',
  // `from`: the execution to run again.
  validateSearch: ({ from }: Record<string, unknown>): { from?: string } => (typeof from === 'string' ? { from } : {}),
  component: lazyRouteComponent(() => import('./run/run-page.js'), 'RunPage'),
});
const executions = createRoute({
  getParentRoute: () => root,
  path: '/executions',
  validateSearch: executionFiltersOf,
  component: lazyRouteComponent(() => import('./execution/executions-page.js'), 'ExecutionsPage'),
});
const execution = createRoute({
  getParentRoute: () => root,
  path: '/executions/$id',
  component: lazyRouteComponent(() => import('./execution/execution-page.js'), 'ExecutionPage'),
});
const approvals = createRoute({
  getParentRoute: () => root,
  path: '/approvals',
  validateSearch: approvalTabOf,
  component: lazyRouteComponent(() => import('./approval/approvals-page.js'), 'ApprovalsPage'),
});
const members = createRoute({
  getParentRoute: () => root,
  path: '/settings/members',
  component: lazyRouteComponent(() => import('./settings/members-page.js'), 'MembersPage'),
});
const keys = createRoute({
  getParentRoute: () => root,
  path: '/settings/keys',
  component: lazyRouteComponent(() => import('./settings/keys-page.js'), 'KeysPage'),
});
const budgets = createRoute({
  getParentRoute: () => root,
  path: '/settings/budgets',
  validateSearch: budgetFiltersOf,
  component: lazyRouteComponent(() => import('./budget/budgets-page.js'), 'BudgetsPage'),
});
const killSwitch = createRoute({
  getParentRoute: () => root,
  path: '/settings/kill-switch',
  component: lazyRouteComponent(() => import('./kill-switch/kill-switch-page.js'), 'KillSwitchPage'),
});
const policies = createRoute({
  getParentRoute: () => root,
  path: '/governance/policies',
  validateSearch: policySearchOf,
  component: lazyRouteComponent(() => import('./policy/policies-page.js'), 'PoliciesPage'),
});
const violations = createRoute({
  getParentRoute: () => root,
  path: '/governance/violations',
  validateSearch: violationFiltersOf,
  component: lazyRouteComponent(() => import('./governance/violations-page.js'), 'ViolationsPage'),
});
const account = createRoute({
  getParentRoute: () => root,
  path: '/settings/account',
  component: lazyRouteComponent(() => import('./settings/account-page.js'), 'AccountPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    run,
    executions,
    execution,
    approvals,
    policies,
    violations,
    members,
    keys,
    budgets,
    killSwitch,
    account,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: CrashPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
