import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import type { Page } from '#client/browser';

/** A cursor-paged list as far as it has been read. */
export const usePages = <T>(
  queryKey: QueryKey,
  read: (cursor: string | undefined) => Promise<Page<T>>,
): {
  query: { data: T[] | undefined; error: unknown; refetch: () => unknown };
  more: { has: boolean; loading: boolean; fetch: () => void };
} => {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  return {
    query: { data: data?.pages.flatMap(({ items }) => items), error, refetch },
    more: { has: hasNextPage, loading: isFetchingNextPage, fetch: () => void fetchNextPage() },
  };
};
