import { Button, Center, Text } from '@mantine/core';
import type { Violation } from '#client/browser';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { SearchX, ShieldCheck } from 'lucide-react';
import { useEffect } from 'react';
import { Empty } from '../page/empty.js';
import { Page } from '../page/page.js';
import { Panes, useWide } from '../page/panes.js';
import { focusRow, PickList } from '../page/pick-list.js';
import { Read } from '../page/read.js';
import { useRegisterKeys } from './use-register-keys.js';
import { useViolations } from './use-violations.js';
import { ViolationDetail } from './violation-detail.js';
import { ViolationFilterBar } from './violation-filter-bar.js';
import { isFiltered } from './violation-filters.rules.js';
import { ViolationRow } from './violation-row.js';

type More = ReturnType<typeof useViolations>['more'];

const Nothing = ({ filtered }: { filtered: boolean }) =>
  filtered ? (
    <Empty icon={SearchX} title="No violation is like that">
      Nothing in the register matches these filters.
      <div>
        <Button
          mt="md"
          variant="default"
          renderRoot={(props) => <Link to="/governance/violations" search={{}} {...props} />}
        >
          Clear the filters
        </Button>
      </div>
    </Empty>
  ) : (
    <Empty icon={ShieldCheck} title="No violation is open">
      What breaks a contract, a policy or a spec, and what detectors find, appears here by itself, with its evidence.
      <div>
        <Button
          mt="md"
          variant="default"
          renderRoot={(props) => <Link to="/governance/violations" search={{ status: 'any' }} {...props} />}
        >
          Show those that are settled
        </Button>
      </div>
    </Empty>
  );

/** What is looked at is in the page's URL, and stays what it is until somebody moves on: no key hits another one. */
const useSelection = (violations: readonly Violation[]) => {
  const wide = useWide();
  const { violation: selected } = useSearch({ from: '/governance/violations' });
  const navigate = useNavigate({ from: '/governance/violations' });
  const select = (id: string | undefined, replace = wide): void =>
    void navigate({ search: (now) => ({ ...now, violation: id }), replace });
  const first = violations[0]?.id;
  useEffect(() => {
    if (!wide || selected !== undefined || first === undefined) return;
    void navigate({ search: (now) => ({ ...now, violation: first }), replace: true });
  }, [wide, selected, first, navigate]);
  return { selected, select };
};

const Register = ({
  violations,
  more,
  filtered,
}: {
  violations: readonly Violation[];
  more: More;
  filtered: boolean;
}) => {
  const { selected, select } = useSelection(violations);
  useRegisterKeys(violations, selected, select);
  if (violations.length === 0 && selected === undefined) return <Nothing filtered={filtered} />;
  const back = (): void => {
    select(undefined, true);
    if (selected !== undefined) focusRow(selected);
  };
  const list =
    violations.length > 0 ? (
      <PickList
        label="Violations"
        rows={violations}
        selected={selected}
        select={select}
        row={(violation) => <ViolationRow violation={violation} />}
        more={more}
      />
    ) : (
      <Center h="100%" p="md">
        <Text size="sm" c="dimmed" ta="center" role="status">
          Nothing else is like that.
        </Text>
      </Center>
    );
  return (
    <Panes
      list={list}
      detail={selected === undefined ? null : <ViolationDetail id={selected} />}
      label="The violation"
      all="All violations"
      back={back}
    />
  );
};

/** What agents broke, whose it is to settle, and what came of it. */
export const ViolationsPage = () => {
  const { approval: _elsewhere, ...filters } = useSearch({ from: '/governance/violations' });
  const { violation: looked, ...asked } = filters;
  const { query, more } = useViolations(asked);
  const wide = useWide();
  return (
    <Page
      title="Violations"
      description="What broke a contract, a policy or a spec, and what detectors found; each until somebody answers for it."
      wide
    >
      {(wide || looked === undefined) && <ViolationFilterBar filters={filters} />}
      <Read query={query}>
        {(violations) => <Register violations={violations} more={more} filtered={isFiltered(filters)} />}
      </Read>
    </Page>
  );
};
