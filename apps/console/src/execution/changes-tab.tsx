import { Badge, Group, Stack, Text } from '@mantine/core';
import { FileCheck2, RotateCcw, ShieldAlert, Timer, TriangleAlert } from 'lucide-react';
import { Empty } from '../page/empty.js';
import { Foreign } from '../page/foreign.js';
import { type Column, DataTable } from '../table/data-table.js';
import { ChangeWord } from './change-list.js';
import { countChanges, observedChanges, type ObservedChange, unlisted } from './diff.rules.js';
import { useSlowly } from './use-slowly.js';
import type { Trace } from './use-trace.js';
import { WholeTrace } from './whole-trace.js';

const FATES = {
  kept: { word: 'kept', icon: FileCheck2, colour: 'var(--mantine-color-text)' },
  undone: { word: 'undone', icon: RotateCcw, colour: 'var(--info)' },
  not_undone: { word: 'not undone', icon: TriangleAlert, colour: 'var(--critical)' },
  open: { word: 'not settled', icon: Timer, colour: 'var(--mantine-color-dimmed)' },
} as const;

const Fate = ({ fate }: Pick<ObservedChange, 'fate'>) => {
  const { word, icon: Icon, colour } = FATES[fate];
  return (
    <Group gap={5} wrap="nowrap" c={colour}>
      <Icon size={14} aria-hidden />
      <Text span size="sm" fw={550}>
        {word}
      </Text>
    </Group>
  );
};

const COLUMNS: Column<ObservedChange>[] = [
  {
    title: 'Path',
    width: 'minmax(10rem, 2fr)',
    cell: ({ path, deviates }) => (
      <Text size="sm" component="div">
        <Foreign mono text={path} />
        {deviates && (
          <Text span size="xs" fw={600} c="var(--critical)" ml={8}>
            <ShieldAlert size={12} aria-hidden /> not in the contract
          </Text>
        )}
      </Text>
    ),
  },
  {
    title: 'Change',
    width: '92px',
    cell: ({ change }) => (
      <Text span size="sm">
        <ChangeWord change={change} />
      </Text>
    ),
  },
  {
    title: 'By',
    width: 'minmax(9rem, 1fr)',
    cell: ({ step, tool }) => (
      <Text size="sm" c="dimmed" component="div">
        step {step} · <Foreign mono text={tool} />
      </Text>
    ),
  },
  { title: 'What became of it', width: '140px', cell: ({ fate }) => <Fate fate={fate} /> },
];

const Counts = ({ changes }: { changes: readonly ObservedChange[] }) => {
  const { created, modified, deleted, kept, undone, not_undone, open } = countChanges(changes);
  const shown: [number, string, string][] = [
    [created, 'created', 'teal'],
    [modified, 'modified', 'blue'],
    [deleted, 'deleted', 'red'],
    [kept, 'kept', 'gray'],
    [undone, 'undone', 'blue'],
    [not_undone, 'not undone', 'red'],
    [open, 'not settled', 'gray'],
  ];
  return (
    <Group gap={6}>
      {shown
        .filter(([count]) => count > 0)
        .map(([count, word, colour]) => (
          <Badge key={word} variant="default" tt="none" color={colour} size="lg" fw={500}>
            {count} {word}
          </Badge>
        ))}
    </Group>
  );
};

/** What was observed to change over the whole run, by which action, and what became of it. */
export const ChangesTab = ({ trace }: { trace: Trace }) => {
  const { store } = trace;
  const { changes, more } = useSlowly(store, () => {
    const steps = store.steps();
    return { changes: observedChanges(steps), more: unlisted(steps) };
  });
  const open = ({ step }: ObservedChange): void => {
    location.hash = `step-${step}`;
  };
  return (
    <Stack gap="sm">
      <WholeTrace trace={trace} />
      {changes.length === 0 ? (
        <Empty icon={FileCheck2} title="Nothing was observed to change">
          SpecTrace compares the folder before and after every action. What changes is listed here, with the action that
          did it and whether it was kept or undone.
        </Empty>
      ) : (
        <>
          <Counts changes={changes} />
          {more > 0 && (
            <Text size="sm" c="dimmed">
              {more} more changes are counted and not named: the record of an action names its first 100.
            </Text>
          )}
          <DataTable
            label="Observed changes"
            rows={changes}
            columns={COLUMNS}
            rowKey={({ key, path }) => `${key} ${path}`}
            open={open}
          />
        </>
      )}
    </Stack>
  );
};
