import { Button, Group, Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { visible } from '../page/foreign.rules.js';
import { useRecent } from '../run/use-recent.js';
import { useMe } from '../session/use-me.js';
import { useOwners } from './use-violations.js';
import { isFiltered, MINE, type ViolationFilters, violationFiltersOf } from './violation-filters.rules.js';
import { SEVERITIES, STATUS_WORDS, STATUSES, TYPE_WORDS, TYPES } from './violation.rules.js';

const ANY = 'any';
const STATUS_CHOICES = [
  ...STATUSES.map((value) => ({ value: value as string, label: STATUS_WORDS[value].word })),
  { value: ANY, label: 'any status' },
];
const TYPE_CHOICES = TYPES.map((value) => ({ value, label: TYPE_WORDS[value].label }));
const MOST_SHOWN = 50;

interface ChoiceProps {
  name: string;
  data: readonly (string | { value: string; label: string })[];
  value: string | null;
  set: (to: string | null) => void;
  /** Said where nothing is chosen. */
  none?: string;
  /** One of them is always chosen. */
  always?: true;
}

const Choice = ({ name, data, value, set, none, always }: ChoiceProps) => (
  <Select
    aria-label={name}
    placeholder={none}
    data={data}
    value={value}
    onChange={set}
    searchable={!always}
    clearable={!always}
    allowDeselect={!always}
    limit={MOST_SHOWN}
    flex="1 1 130px"
    maw={200}
  />
);

/** The filters are part of the address, so a view can be sent to a colleague. */
export const ViolationFilterBar = ({ filters }: { filters: ViolationFilters }) => {
  const navigate = useNavigate({ from: '/governance/violations' });
  const { agents } = useRecent();
  const { members } = useOwners();
  const { user } = useMe();
  const { status = 'open', severity = null, type = null, owner = null, agent = null } = filters;
  // What is looked at may not be among what is shown now.
  const show = (to: Record<string, unknown>): void =>
    void navigate({ replace: true, search: violationFiltersOf({ ...to, violation: undefined }) });
  const set = (change: Record<string, unknown>): void => show({ ...filters, ...change });
  const owners = [
    { value: MINE, label: 'mine' },
    ...members.filter(({ id }) => id !== user.id).map(({ id, name }) => ({ value: id, label: visible(name) })),
  ];
  return (
    <Group gap="sm" role="search" aria-label="Filter the violations">
      <Choice name="Status" data={STATUS_CHOICES} value={status} set={(to) => set({ status: to })} always />
      <Choice
        name="Severity"
        none="Any severity"
        data={SEVERITIES}
        value={severity}
        set={(to) => set({ severity: to })}
      />
      <Choice name="Type" none="Any type" data={TYPE_CHOICES} value={type} set={(to) => set({ type: to })} />
      <Choice name="Owner" none="Anybody's" data={owners} value={owner} set={(to) => set({ owner: to })} />
      <Choice
        name="Agent"
        none="Any agent"
        data={[...new Set([...agents, ...(agent ? [agent] : [])])]}
        value={agent}
        set={(to) => set({ agent: to })}
      />
      {isFiltered(filters) && (
        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => show({})}>
          Clear
        </Button>
      )}
    </Group>
  );
};
