import { Badge, Button, Text } from '@mantine/core';
import type { ApiKey } from '#client/browser';
import { KeyRound, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
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

/** What it may do now, not what it was made to do. */
const Powers = (key: ApiKey) => {
  const { permissions, roles, scopes } = key;
  const kept = scopes && permissions.length > 0;
  return (
    <Text size="sm" component="div" title={permissions.join(', ') || 'nothing'}>
      {roles.length > 0 ? roles.map(roleLabel).join(', ') : 'Nothing'}
      {kept && (
        <Text size="xs" c="dimmed">
          only {permissions.length === 1 ? permissions[0] : `${permissions.length} permissions`}
        </Text>
      )}
    </Text>
  );
};

/** On a narrow screen no title says what it is. */
const Told = ({ what, children }: { what: string; children: ReactNode }) => (
  <Text size="sm" c="dimmed" component="div">
    <Text span inherit hiddenFrom="sm">
      {what}{' '}
    </Text>
    {children}
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
    onCard: true,
    cell: (key) => <Told what="uses:">{usesWords(key)}</Told>,
  },
  {
    title: 'Last used',
    width: 'minmax(5rem, 1fr)',
    from: 860,
    onCard: true,
    cell: ({ last_used_at }) => <Told what="last used">{last_used_at ? <Ago at={last_used_at} /> : 'never'}</Told>,
  },
  {
    title: 'Expires',
    width: 'minmax(5rem, 1fr)',
    from: 600,
    onCard: true,
    cell: ({ expires_at, state }) => (
      <Told what={state === 'expired' ? 'expired' : 'expires'}>
        <Ago at={expires_at} />
      </Told>
    ),
  },
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
