import { Badge, Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Session } from '#client/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { SESSIONS } from '../data/keys.js';
import { Ago } from '../page/ago.js';
import { Failure } from '../page/failure.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { Read } from '../page/read.js';
import { type Column, DataTable } from '../table/data-table.js';
import { usePages } from '../table/use-pages.js';
import { Card } from './card.js';
import { clientWords } from './session.rules.js';

const columnsOf = (end: (session: Session) => void, ending: string | undefined): Column<Session>[] => [
  {
    title: 'Signed in with',
    width: 'minmax(9rem, 2fr)',
    cell: ({ client, current }) => (
      <Text size="sm" component="div">
        <Foreign text={clientWords(client)} />
        {current && (
          <Badge size="xs" variant="light" ml={6}>
            this one
          </Badge>
        )}
      </Text>
    ),
  },
  { title: 'Since', width: 'minmax(5rem, 1fr)', cell: ({ created_at }) => <When what="signed in" at={created_at} /> },
  {
    title: 'Last used',
    width: 'minmax(5rem, 1fr)',
    cell: ({ last_used_at }) => <When what="used" at={last_used_at} />,
  },
  {
    title: 'End',
    width: '5rem',
    align: 'end',
    cell: (session) =>
      session.current ? null : (
        <Button
          variant="default"
          size="compact-sm"
          loading={ending === session.id}
          aria-label={`End the session of ${visible(clientWords(session.client))}`}
          onClick={() => end(session)}
        >
          End
        </Button>
      ),
  },
];

const When = ({ what, at }: { what: string; at: string }) => (
  <Text size="sm" c="dimmed">
    <Text span inherit hiddenFrom="sm">
      {what}{' '}
    </Text>
    <Ago at={at} />
  </Text>
);

/** Where this person is signed in, and ending it elsewhere. */
export const Sessions = () => {
  const queries = useQueryClient();
  const { query, more } = usePages(SESSIONS, () => api.sessions.list());
  const { mutate, variables, isPending, error, reset } = useMutation({
    mutationFn: ({ id }: Session) => api.sessions.end(id),
    onSuccess: () => notifications.show({ title: 'Session ended', message: 'It can do nothing any more.' }),
    onSettled: () => queries.invalidateQueries({ queryKey: SESSIONS }),
  });
  return (
    <Card title="Sessions" description="Where you are signed in. End what you do not know, and change your password.">
      {error && <Failure error={error} retry={reset} />}
      <Read query={query} rows={2}>
        {(sessions) => (
          <DataTable
            label="Sessions"
            rows={sessions}
            columns={columnsOf(mutate, isPending ? variables?.id : undefined)}
            rowKey={({ id }) => id}
            more={more}
          />
        )}
      </Read>
    </Card>
  );
};
