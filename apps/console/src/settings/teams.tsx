import { Badge, Button, Group, Modal, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Team } from '#client/browser';
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { api, chooseTeam } from '../data/api.js';
import { ME, TEAMS } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { Read } from '../page/read.js';
import { useMe } from '../session/use-me.js';
import { type Column, DataTable } from '../table/data-table.js';
import { usePages } from '../table/use-pages.js';
import { roleLabel } from './role.rules.js';

const NewTeamForm = ({ done }: { done: () => void }) => {
  const queries = useQueryClient();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { name: '' },
    validate: ({ name }) => (name.trim() === '' ? { name: 'A team needs a name.' } : {}),
    send: ({ name }) => api.teams.create(name.trim()),
    done: () => {
      void queries.invalidateQueries({ queryKey: TEAMS });
      void queries.invalidateQueries({ queryKey: ME });
      done();
    },
  });
  return (
    <form onSubmit={submit} aria-label="New team" noValidate>
      <Stack>
        <TextInput
          label="Name"
          description="Nobody sees across teams. You are its first admin."
          maxLength={100}
          data-autofocus
          withAsterisk
          {...form.getInputProps('name')}
        />
        <FormProblem problem={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={done} disabled={pending}>
            Cancel
          </Button>
          <Button type="submit" loading={pending}>
            Make the team
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

/** Acts in another team from now on, in this tab. */
const useEnter = () => {
  const queries = useQueryClient();
  return async (team: string): Promise<void> => {
    chooseTeam(team);
    await queries.resetQueries();
  };
};

const useColumns = (): Column<Team>[] => {
  const me = useMe();
  const enter = useEnter();
  return [
    {
      title: 'Team',
      width: 'minmax(10rem, 2fr)',
      cell: ({ name }) => (
        <Text size="sm" fw={500}>
          <Foreign text={name} clamp={2} />
        </Text>
      ),
    },
    {
      title: 'Your role',
      width: 'minmax(7rem, 1fr)',
      cell: ({ role }) => (
        <Text size="sm" c={role ? undefined : 'dimmed'}>
          {role ? roleLabel(role) : 'no member'}
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
    {
      title: 'Open',
      width: '6rem',
      align: 'end',
      cell: ({ id, name }) =>
        id === me.team ? (
          <Badge variant="light" size="sm">
            open
          </Badge>
        ) : (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Open the team ${visible(name)}`}
            onClick={() => void enter(id)}
          >
            Open
          </Button>
        ),
    },
  ];
};

/** All teams of the installation, for whoever may make them. */
export const Teams = () => {
  const [making, dialog] = useDisclosure();
  const { query, more } = usePages(TEAMS, (cursor) => api.teams.list({ limit: 100, cursor }));
  const columns = useColumns();
  return (
    <Stack gap="sm" mt="md">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Teams
        </Title>
        <Button variant="default" size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={dialog.open}>
          New team
        </Button>
      </Group>
      <Read query={query} rows={2}>
        {(teams) => <DataTable label="Teams" rows={teams} columns={columns} rowKey={({ id }) => id} more={more} />}
      </Read>
      <Modal opened={making} onClose={dialog.close} title="New team" closeButtonProps={{ 'aria-label': 'Close' }}>
        <NewTeamForm done={dialog.close} />
      </Modal>
    </Stack>
  );
};
