import { ActionIcon, Button, Group, Kbd, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Search, X } from 'lucide-react';
import { useState } from 'react';
import type { ExecutionStatus } from '#client/browser';
import { useRecent } from '../run/use-recent.js';
import { type ExecutionFilters, executionFiltersOf, isFiltered } from './execution-filters.rules.js';
import { STATUSES, statusWords } from './status.rules.js';

const TYPING_MS = 250;
const LONGEST_SEARCH = 200;
const STATUS_CHOICES = STATUSES.map((value) => ({ value, label: statusWords(value).word }));
const PHASES = [
  { value: '', label: 'All' },
  { value: 'running', label: 'Under way' },
  { value: 'completed', label: 'Ended' },
];

export const ExecutionFilterBar = ({ filters }: { filters: ExecutionFilters }) => {
  const navigate = useNavigate({ from: '/executions' });
  const { agents } = useRecent();
  const set = (change: Record<string, unknown>): void =>
    void navigate({
      // Typing is one entry of the history, however long it takes.
      replace: true,
      search: ({ approval, ...now }) => ({
        ...(approval && { approval }),
        ...executionFiltersOf({ ...now, ...change }),
      }),
    });
  const { q, phase = '', status = [], agent_id = null } = filters;
  return (
    <Group gap="sm" role="search" aria-label="Filter the executions">
      <SearchField q={q ?? ''} search={(text) => set({ q: text })} />
      <SegmentedControl
        aria-label="Phase"
        size="sm"
        data={PHASES}
        value={phase}
        onChange={(value) => set({ phase: value })}
      />
      <MultiSelect
        aria-label="Status"
        placeholder={status.length === 0 ? 'Any status' : undefined}
        data={STATUS_CHOICES}
        value={status}
        onChange={(value) => set({ status: value as ExecutionStatus[] })}
        clearable
        flex="1 1 130px"
        maw={status.length > 0 ? 300 : 180}
      />
      <Select
        aria-label="Agent"
        placeholder="Any agent"
        data={[...new Set([...agents, ...(agent_id ? [agent_id] : [])])]}
        value={agent_id}
        onChange={(value) => set({ agent_id: value })}
        searchable
        clearable
        limit={50}
        flex="1 1 130px"
        maw={180}
      />
      {isFiltered(filters) && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          onClick={() => set({ q: null, phase: null, status: null, agent_id: null })}
        >
          Clear
        </Button>
      )}
    </Group>
  );
};

/** Follows the URL, and leads it by a pause in typing. */
const SearchField = ({ q, search }: { q: string; search: (text: string) => void }) => {
  const [typed, setTyped] = useState(q);
  const [known, setKnown] = useState(q);
  if (known !== q) {
    setKnown(q);
    // What came from elsewhere (back, a link, Clear); what was typed stands there already, with the space at its end.
    if (q.trim() !== typed.trim()) setTyped(q);
  }
  const later = useDebouncedCallback(search, TYPING_MS);
  const take = (text: string): void => {
    setTyped(text);
    later(text);
  };
  return (
    <TextInput
      type="search"
      aria-label="Search the executions"
      placeholder="Task, agent or id"
      data-page-search
      maxLength={LONGEST_SEARCH}
      value={typed}
      onChange={({ currentTarget }) => take(currentTarget.value)}
      leftSection={<Search size={16} aria-hidden />}
      rightSection={
        typed === '' ? (
          <Kbd size="xs" visibleFrom="sm" aria-hidden>
            /
          </Kbd>
        ) : (
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Clear the search" onClick={() => take('')}>
            <X size={14} aria-hidden />
          </ActionIcon>
        )
      }
      flex="1 1 240px"
    />
  );
};
