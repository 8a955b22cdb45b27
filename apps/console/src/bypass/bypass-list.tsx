import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Bypass } from '#client/browser';
import { useMutation } from '@tanstack/react-query';
import { FastForward } from 'lucide-react';
import { api } from '../data/api.js';
import { Ago } from '../page/ago.js';
import { Empty } from '../page/empty.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { Read } from '../page/read.js';
import { Countdown } from '../approval/countdown.js';
import { type Column, DataTable } from '../table/data-table.js';
import { bypassStanding, bypassSubject } from './bypass.rules.js';
import { useBypasses, useBypassesChanged } from './use-bypasses.js';

const Revoke = ({ bypass }: { bypass: Bypass }) => {
  const changed = useBypassesChanged();
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.bypasses.revoke(bypass.id),
    onSuccess: ({ agent_id, tool }) => {
      changed();
      const message = `${visible(agent_id)} has to ask again before it uses ${visible(tool)}.`;
      notifications.show({ color: 'teal', title: 'Revoked', message });
    },
    onError: (error) => notifications.show({ color: 'red', title: 'Not revoked', message: error.message }),
  });
  const label = `Revoke: ${visible(bypass.agent_id)}, ${visible(bypass.tool)}`;
  return (
    <Button size="compact-sm" variant="default" loading={isPending} onClick={() => mutate()} aria-label={label}>
      Revoke
    </Button>
  );
};

const Standing = ({ bypass }: { bypass: Bypass }) => {
  const { words, colour } = bypassStanding(bypass);
  return (
    <>
      <Text size="sm" fw={600} c={colour} component="div">
        {words}
      </Text>
      {bypass.status === 'active' && <Countdown to={bypass.expires_at} />}
      {bypass.revoked_by && (
        <Text size="xs" c="dimmed" component="div">
          by <Foreign text={bypass.revoked_by.name} />
        </Text>
      )}
    </>
  );
};

const Subject = ({ bypass }: { bypass: Bypass }) => {
  const subject = bypassSubject(bypass);
  if (subject === null) return null;
  return (
    <Text size="xs" component="div" title={bypass.agent_version ?? undefined}>
      <Foreign text={subject} mono />
    </Text>
  );
};

const COLUMNS: Column<Bypass>[] = [
  {
    title: 'May, without asking',
    width: 'minmax(12rem, 2fr)',
    headline: true,
    cell: (bypass) => (
      <>
        <Text size="sm" fw={500} component="div">
          <Foreign text={bypass.agent_id} /> uses <Foreign text={bypass.tool} mono />
        </Text>
        <Subject bypass={bypass} />
        <Text size="xs" c="dimmed" component="div">
          <Foreign text={bypass.reason} clamp={2} />
        </Text>
      </>
    ),
  },
  { title: 'Standing', width: 'minmax(8rem, 1fr)', cell: (bypass) => <Standing bypass={bypass} /> },
  {
    title: 'Used',
    width: '7rem',
    cell: ({ used, uses }) => (
      <Text size="sm" className="tabular">
        {used} of {uses} uses
      </Text>
    ),
  },
  {
    title: 'Given by',
    width: 'minmax(9rem, 1fr)',
    cell: ({ given_by, given_at }) => (
      <>
        <Text size="sm" component="div">
          <Foreign text={given_by.name} clamp={1} />
        </Text>
        <Text size="xs" c="dimmed" component="div">
          given <Ago at={given_at} />
        </Text>
      </>
    ),
  },
  {
    title: 'Actions',
    width: '6rem',
    align: 'end',
    cell: (bypass) => (bypass.status === 'active' ? <Revoke bypass={bypass} /> : null),
  },
];

/** What approvers let agents do without asking: what is active, and what was. */
export const BypassList = () => {
  const { query, more } = useBypasses();
  return (
    <Read query={query}>
      {(bypasses) =>
        bypasses.length === 0 ? (
          <Empty icon={FastForward} title="Every question is asked">
            When one agent asks for the same kind of action too often, an approver can let it go on for a while: from
            the question itself, or with “Stop asking for a while”.
          </Empty>
        ) : (
          <DataTable label="Bypasses" rows={bypasses} columns={COLUMNS} rowKey={({ id }) => id} more={more} />
        )
      }
    </Read>
  );
};
