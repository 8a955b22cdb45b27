import { Badge, Button, Text } from '@mantine/core';
import type { ApiKey } from '#client/browser';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../data/api.js';
import { API_KEYS } from '../data/keys.js';
import { Ago } from '../page/ago.js';
import { Empty } from '../page/empty.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { useMay, useMe } from '../session/use-me.js';
import { type Column, DataTable } from '../table/data-table.js';
import { usePages } from '../table/use-pages.js';
import { KeyDialog, type KeyTask } from './key-dialog.js';
import { KEY_STATES, keyTypeLabel, usesWords } from './key.rules.js';
import { roleLabel } from './role.rules.js';

const Name = ({ name, type, email }: ApiKey) => (
  <>
    <Text size="sm" fw={500} component="div">
      <Foreign text={name} />
      <Badge size="xs" variant="light" ml={6}>
        {keyTypeLabel(type)}
      </Badge>
    </Text>
    {name !== email && (
      <Text size="xs" c="dimmed" component="div">
        <Foreign text={email} clamp={1} />
      </Text>
    )}
  </>
);

const Powers = ({ role, scopes, permissions }: ApiKey) => (
  <Text size="sm" component="div" title={permissions.join(', ') || 'nothing'}>
    {role ? roleLabel(role) : 'As the person'}
    {scopes && (
      <Text size="xs" c="dimmed">
        kept to {scopes.length === 1 ? scopes[0] : `${scopes.length} permissions`}
      </Text>
    )}
  </Text>
);

const When = ({ at }: { at: string | null | undefined }) => (
  <Text size="sm" c="dimmed">
    {at ? <Ago at={at} /> : 'never'}
  </Text>
);

const columnsOf = (show: (task: KeyTask) => void): Column<ApiKey>[] => [
  { title: 'Key', width: 'minmax(11rem, 2fr)', headline: true, cell: (key) => <Name {...key} /> },
  { title: 'May', width: 'minmax(7rem, 1fr)', cell: (key) => <Powers {...key} /> },
  {
    title: 'State',
    width: '6rem',
    cell: ({ state }) => (
      <Badge size="sm" variant="light" color={KEY_STATES[state].colour}>
        {KEY_STATES[state].label}
      </Badge>
    ),
  },
  {
    title: 'Used',
    width: 'minmax(5rem, 1fr)',
    from: 760,
    cell: (key) => (
      <Text size="sm" c="dimmed">
        {usesWords(key)}
      </Text>
    ),
  },
  { title: 'Last used', width: 'minmax(5rem, 1fr)', from: 860, cell: ({ last_used_at }) => <When at={last_used_at} /> },
  { title: 'Expires', width: 'minmax(5rem, 1fr)', from: 600, cell: ({ expires_at }) => <When at={expires_at} /> },
  {
    title: 'Revoke',
    width: '6rem',
    align: 'end',
    cell: (apiKey) =>
      apiKey.revoked_at ? null : (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`Revoke ${visible(apiKey.name)}`}
          onClick={() => show({ kind: 'revoke', apiKey })}
        >
          Revoke
        </Button>
      ),
  },
];

/** What programs, agents and machines come in by. */
export const KeysPage = () => {
  const { team } = useMe();
  const mayManage = useMay('key.manage');
  const [task, show] = useState<KeyTask | null>(null);
  const { query, more } = usePages([...API_KEYS, team], (cursor) => api.keys.list({ limit: 100, cursor }));
  const make = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => show({ kind: 'make' })}>
      New key
    </Button>
  );
  return (
    <Page
      title="API keys"
      description={
        mayManage
          ? 'Of everybody in this team. None does more than the person behind it may do now.'
          : 'Your own in this team. None does more than you may do now.'
      }
      actions={make}
    >
      <Read query={query}>
        {(keys) =>
          keys.length === 0 ? (
            <Empty icon={KeyRound} title="There are no keys">
              A key lets an agent, a machine or a program of yours in without a password.
            </Empty>
          ) : (
            <DataTable label="API keys" rows={keys} columns={columnsOf(show)} rowKey={({ id }) => id} more={more} />
          )
        }
      </Read>
      <KeyDialog task={task} show={show} />
    </Page>
  );
};
