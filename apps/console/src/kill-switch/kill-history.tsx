import { Text } from '@mantine/core';
import type { KillSwitch } from '#client/browser';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { Read } from '../page/read.js';
import { ToneBadge } from '../page/tone-badge.js';
import { type Column, DataTable } from '../table/data-table.js';
import { Aim } from './aim.js';
import { leftText, standingOf } from './kill-switch.rules.js';
import { useReleasedSwitches } from './use-kill-switches.js';

const When = ({ at, by }: { at: string | null | undefined; by?: string }) => (
  <Text size="sm" c="dimmed" component="div">
    {at ? <Ago at={at} /> : 'never'}
    {at && by && (
      <Text size="xs" component="div">
        <Foreign text={by} clamp={1} />
      </Text>
    )}
  </Text>
);

const Outcome = ({ one }: { one: KillSwitch }) => (
  <div>
    <ToneBadge {...standingOf(one)} />
    {one.rehearsal && (
      <Text size="xs" c="dimmed">
        {leftText(one.stopping) ?? 'nothing'} would stop
      </Text>
    )}
  </div>
);

const columns: Column<KillSwitch>[] = [
  {
    title: 'What and why',
    width: 'minmax(12rem, 2fr)',
    headline: true,
    cell: (one) => (
      <>
        <Text size="sm" fw={500} component="div">
          <Aim about={one} begins />
        </Text>
        <Text size="xs" c="dimmed" component="div">
          <Foreign text={one.reason} clamp={2} />
        </Text>
      </>
    ),
  },
  { title: 'Outcome', width: 'minmax(7rem, 1fr)', cell: (one) => <Outcome one={one} /> },
  {
    title: 'Requested',
    width: 'minmax(7rem, 1fr)',
    cell: ({ requested_at, requested_by }) => <When at={requested_at} by={requested_by.name} />,
  },
  {
    title: 'Confirmed',
    width: 'minmax(6rem, 1fr)',
    from: 720,
    cell: ({ confirmed_at }) => <When at={confirmed_at} />,
  },
  {
    title: 'Release asked for',
    width: 'minmax(7rem, 1fr)',
    from: 560,
    cell: ({ released_at, released_by, rehearsal }) =>
      rehearsal ? null : <When at={released_at} by={released_by?.name} />,
  },
];

/** Stops and rehearsals that are over, newest first. */
export const KillHistory = () => {
  const { query, more } = useReleasedSwitches();
  return (
    <Read query={query} rows={3}>
      {(switches) =>
        switches.length === 0 ? (
          <Text size="sm" c="dimmed">
            No stop has been released yet, and none rehearsed.
          </Text>
        ) : (
          <DataTable
            label="Stops that are over"
            rows={switches}
            columns={columns}
            rowKey={({ id }) => id}
            more={more}
          />
        )
      }
    </Read>
  );
};
