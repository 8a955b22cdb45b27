import { Skeleton, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Failure } from './failure.js';

interface Reading<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/**
 * What was read, or that it is on its way, or why it is not there. What was read before stays while it is read again, and
 * says so when that failed.
 */
export const Read = <T,>({
  query,
  rows = 6,
  children,
}: {
  query: Reading<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}) => {
  const { data, error } = query;
  const failure = error ? <Failure error={error} retry={() => void query.refetch()} /> : null;
  if (data === undefined) {
    return (
      failure ?? (
        <Stack gap="xs" role="status" aria-label="Loading">
          {Array.from({ length: rows }, (_, row) => (
            <Skeleton key={row} height={44} />
          ))}
        </Stack>
      )
    );
  }
  return (
    <>
      {failure}
      {children(data)}
    </>
  );
};
