import { ActionIcon, Anchor, Button, Group, Menu, SegmentedControl, Text } from '@mantine/core';
import type { Budget } from '#client/browser';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { EllipsisVertical, Plus, SearchX, Wallet, X } from 'lucide-react';
import { useState } from 'react';
import { Ago } from '../page/ago.js';
import { Empty } from '../page/empty.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { ToneBadge } from '../page/tone-badge.js';
import { useMay } from '../session/use-me.js';
import { type Column, DataTable } from '../table/data-table.js';
import { BudgetBar } from './budget-bar.js';
import { BudgetDialog, type BudgetTask } from './budget-dialog.js';
import { type BudgetFilters, budgetFiltersOf } from './budget-filters.rules.js';
import { DIMENSIONS, nameOf, PERIODS, standingOf } from './budget.rules.js';
import { useBudgets } from './use-budgets.js';

const SCOPES = [
  { value: '', label: 'All' },
  { value: 'team', label: 'Team' },
  { value: 'agent', label: 'Agents' },
  { value: 'execution', label: 'Runs' },
];

const Whose = ({ scope, target }: Budget) => {
  if (scope === 'team') return 'The team';
  if (scope === 'agent') return <Foreign text={target ?? ''} clamp={2} />;
  return (
    <Anchor
      size="sm"
      renderRoot={(props) => <Link to="/executions/$id" params={{ id: target ?? '' }} {...props} />}
      className="mono"
    >
      {target}
    </Anchor>
  );
};

const What = (budget: Budget) => (
  <>
    <Text size="sm" fw={500} component="div">
      <Whose {...budget} />
    </Text>
    <Text size="xs" c="dimmed" component="div">
      {DIMENSIONS[budget.dimension].label} {PERIODS[budget.period].words}
      {budget.resets_at && (
        <>
          , anew <Ago at={budget.resets_at} />
        </>
      )}
    </Text>
  </>
);

const BudgetMenu = ({ budget, show }: { budget: Budget; show: (task: BudgetTask) => void }) => (
  <Menu position="bottom-end">
    <Menu.Target>
      <ActionIcon variant="subtle" color="gray" aria-label={`Change ${visible(nameOf(budget))}`}>
        <EllipsisVertical size={18} aria-hidden />
      </ActionIcon>
    </Menu.Target>
    <Menu.Dropdown>
      <Menu.Item onClick={() => show({ kind: 'change', budget })}>Change the limits …</Menu.Item>
      <Menu.Item color="red" onClick={() => show({ kind: 'remove', budget })}>
        Remove …
      </Menu.Item>
    </Menu.Dropdown>
  </Menu>
);

const columnsOf = (show: ((task: BudgetTask) => void) | null): Column<Budget>[] => [
  { title: 'Budget', width: 'minmax(11rem, 1.4fr)', headline: true, cell: (budget) => <What {...budget} /> },
  {
    title: 'Spent',
    width: 'minmax(12rem, 2fr)',
    headline: true,
    cell: (budget) => <BudgetBar budget={budget} label={visible(nameOf(budget))} />,
  },
  { title: 'State', width: 'minmax(8rem, 1fr)', cell: (budget) => <ToneBadge {...standingOf(budget)} /> },
  {
    title: 'Set by',
    width: 'minmax(7rem, 1fr)',
    from: 860,
    cell: ({ changed_by, changed_at }) => (
      <Text size="xs" c="dimmed" component="div">
        <Foreign text={changed_by.name} clamp={1} />
        <Ago at={changed_at} />
      </Text>
    ),
  },
  ...(show
    ? [
        {
          title: 'Actions',
          width: '4rem',
          align: 'end' as const,
          cell: (budget: Budget) => <BudgetMenu budget={budget} show={show} />,
        },
      ]
    : []),
];

const FilterBar = ({ scope = undefined, target }: BudgetFilters) => {
  const navigate = useNavigate({ from: '/settings/budgets' });
  const set = (filters: Record<string, unknown>): void =>
    void navigate({ replace: true, search: budgetFiltersOf(filters) });
  return (
    <Group gap="sm" role="search" aria-label="Filter the budgets">
      <SegmentedControl
        aria-label="Of whom"
        size="sm"
        data={SCOPES}
        value={scope ?? ''}
        onChange={(to) => set({ scope: to })}
      />
      {target && (
        <Button
          variant="default"
          size="compact-sm"
          rightSection={<X size={14} aria-hidden />}
          aria-label={`Not only of ${visible(target)}`}
          onClick={() => set({ scope })}
        >
          of <Foreign text={target} clamp={1} />
        </Button>
      )}
    </Group>
  );
};

const Nothing = ({ filtered, mayWrite }: { filtered: boolean; mayWrite: boolean }) =>
  filtered ? (
    <Empty icon={SearchX} title="No budget is like that">
      <Button mt="md" variant="default" renderRoot={(props) => <Link to="/settings/budgets" search={{}} {...props} />}>
        Show all of them
      </Button>
    </Empty>
  ) : (
    <Empty icon={Wallet} title="Nothing is limited">
      {mayWrite
        ? 'Set how much the team, an agent or one run may spend. At a hard limit a run waits, and goes on where it was when the limit is raised.'
        : 'An admin sets how much the team, an agent or one run may spend.'}
    </Empty>
  );

/** How much may be spent, and how much is. */
export const BudgetsPage = () => {
  const { approval: _elsewhere, ...filters } = useSearch({ from: '/settings/budgets' });
  const mayWrite = useMay('budget.write');
  const [task, show] = useState<BudgetTask | null>(null);
  const { query, more } = useBudgets(filters);
  const make = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => show({ kind: 'set' })}>
      New budget
    </Button>
  );
  return (
    <Page
      title="Budgets"
      description="Reserved before something is spent, settled after it. Passing a soft limit is told; at a hard one runs wait."
      actions={mayWrite && make}
    >
      <FilterBar {...filters} />
      <Read query={query}>
        {(budgets) =>
          budgets.length === 0 ? (
            <Nothing filtered={filters.scope !== undefined} mayWrite={mayWrite} />
          ) : (
            <DataTable
              label="Budgets"
              rows={budgets}
              columns={columnsOf(mayWrite ? show : null)}
              rowKey={({ id }) => id}
              more={more}
            />
          )
        }
      </Read>
      <BudgetDialog task={task} close={() => show(null)} />
    </Page>
  );
};
