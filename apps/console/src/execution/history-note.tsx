import { Button, Group, Progress, Text } from '@mantine/core';
import { Failure } from '../page/failure.js';
import type { History } from './use-history.js';

const number = new Intl.NumberFormat('en');

/** How much of the journal this is about, and a way to read the rest. */
export const HistoryNote = ({ history: { read, total, reading, problem, readOn } }: { history: History }) => {
  if (problem !== null) return <Failure error={problem} retry={readOn} />;
  if (read >= total) return null;
  return (
    <Group gap="sm" role="status">
      <Text size="sm" c="dimmed">
        {number.format(read)} of {number.format(total)} journal rows read
        {reading ? ' …' : ': the beginning and the end.'}
      </Text>
      {reading ? (
        <Progress value={(100 * read) / total} w={160} size="sm" aria-label="Journal rows read" />
      ) : (
        <Button size="compact-xs" variant="default" onClick={readOn}>
          Read those between
        </Button>
      )}
    </Group>
  );
};
