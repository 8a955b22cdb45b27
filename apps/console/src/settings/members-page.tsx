import { ActionIcon, Badge, Button, Group, Menu, Text } from '@mantine/core';
import type { Member } from '#client/browser';
import { EllipsisVertical, UserPlus, Users } from 'lucide-react';
import { useState } from 'react';
import { api } from '../data/api.js';
import { MEMBERS } from '../data/keys.js';
import { Ago } from '../page/ago.js';
import { Empty } from '../page/empty.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { useMay, useMe } from '../session/use-me.js';
import { type Column, DataTable } from '../table/data-table.js';
import { usePages } from '../table/use-pages.js';
import { MemberDialog, type MemberTask } from './member-dialog.js';
import { roleLabel, roleWords } from './role.rules.js';
import { Teams } from './teams.js';

const MemberMenu = ({ member, isMe, show }: { member: Member; isMe: boolean; show: (task: MemberTask) => void }) => (
  <Menu position="bottom-end">
    <Menu.Target>
      <ActionIcon variant="subtle" color="gray" aria-label={`Change ${visible(member.email)}`}>
        <EllipsisVertical size={18} aria-hidden />
      </ActionIcon>
    </Menu.Target>
    <Menu.Dropdown>
      <Menu.Item onClick={() => show({ kind: 'role', member })}>Change the role …</Menu.Item>
      {!isMe && <Menu.Item onClick={() => show({ kind: 'issue', member })}>New one-time password …</Menu.Item>}
      <Menu.Item color="red" onClick={() => show({ kind: 'remove', member })}>
        Remove from the team …
      </Menu.Item>
    </Menu.Dropdown>
  </Menu>
);

const useColumns = (show: (task: MemberTask) => void): Column<Member>[] => {
  const me = useMe();
  const mayWrite = useMay('member.write');
  return [
    {
      title: 'Member',
      width: 'minmax(12rem, 2fr)',
      cell: ({ id, email, name }) => (
        <>
          <Text size="sm" fw={500} component="div">
            <Foreign text={email} />
            {id === me.user.id && (
              <Badge size="xs" variant="light" ml={6}>
                you
              </Badge>
            )}
          </Text>
          {name !== email && (
            <Text size="xs" c="dimmed" component="div">
              <Foreign text={name} clamp={1} />
            </Text>
          )}
        </>
      ),
    },
    {
      title: 'Role',
      width: 'minmax(7rem, 1fr)',
      cell: ({ role }) => (
        <Text size="sm" title={roleWords(role)}>
          {roleLabel(role)}
        </Text>
      ),
    },
    {
      title: 'Since',
      width: 'minmax(6rem, 1fr)',
      cell: ({ created_at }) => (
        <Text size="sm" c="dimmed">
          <Ago at={created_at} />
        </Text>
      ),
    },
    ...(mayWrite
      ? [
          {
            title: 'Actions',
            width: '5rem',
            align: 'end' as const,
            cell: (member: Member) => <MemberMenu member={member} isMe={member.id === me.user.id} show={show} />,
          },
        ]
      : []),
  ];
};

/** Who is in the team, and in what role. */
export const MembersPage = () => {
  const { team, teams } = useMe();
  const mayWrite = useMay('member.write');
  const mayMakeTeams = useMay('team.create');
  const [task, show] = useState<MemberTask | null>(null);
  const { query, more } = usePages([...MEMBERS, team], (cursor) => api.members.list(team, { limit: 100, cursor }));
  const columns = useColumns(show);
  const name = teams.find(({ id }) => id === team)?.name;
  const add = (
    <Button leftSection={<UserPlus size={16} aria-hidden />} onClick={() => show({ kind: 'add' })}>
      Add a member
    </Button>
  );
  return (
    <Page
      title="Members"
      description={
        <Group gap={4}>
          {name ? <Foreign text={`Team ${name}.`} /> : 'The team you are looking at.'}
          {!mayWrite && ' Only an admin changes who is in it.'}
        </Group>
      }
      actions={mayWrite ? add : undefined}
    >
      <Read query={query}>
        {(members) =>
          members.length === 0 ? (
            <Empty icon={Users} title="Nobody is in this team">
              Add its first member, who has to be an admin to add others.
            </Empty>
          ) : (
            <DataTable label="Members" rows={members} columns={columns} rowKey={({ id }) => id} more={more} />
          )
        }
      </Read>
      {mayMakeTeams && <Teams />}
      <MemberDialog task={task} show={show} />
    </Page>
  );
};
