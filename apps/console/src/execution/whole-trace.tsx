import { Button, Group, Progress, Text } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Failure } from '../page/failure.js';
import type { Trace } from './use-trace.js';

/** A run of so many steps is read as a whole without asking. */
const READ_BY_ITSELF = 2_000;
const number = new Intl.NumberFormat('en');

/** Says that something is told of the steps read so far, and reads the rest: at once when it is little. */
export const WholeTrace = ({ trace: { store, reader } }: { trace: Trace }) => {
  const [reading, setReading] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const mounted = useRef(true);
  const read = useCallback(() => {
    setReading(true);
    setProblem(null);
    reader
      .readAll(() => !mounted.current)
      .catch(setProblem)
      .finally(() => setReading(false));
  }, [reader]);
  const little = store.count <= READ_BY_ITSELF;
  useEffect(() => {
    mounted.current = true;
    if (little) read();
    return () => {
      mounted.current = false;
    };
  }, [little, read]);
  if (problem !== null) return <Failure error={problem} retry={read} />;
  if (store.known >= store.count) return null;
  return (
    <Group gap="sm" role="status">
      <Text size="sm" c="dimmed">
        {number.format(store.known)} of {number.format(store.count)} steps read so far; this is about them.
      </Text>
      {reading ? (
        <Progress value={(100 * store.known) / store.count} w={160} size="sm" aria-label="Steps read" />
      ) : (
        <Button size="compact-xs" variant="default" onClick={read}>
          Read them all
        </Button>
      )}
    </Group>
  );
};
