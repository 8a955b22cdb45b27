import type { Page } from '#client';

const PAGE = 200;
const MOST = 2_000;

/** Everything a list has, newest first, up to 2,000. */
export const wholeList = async <T>(
  page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor: string | undefined; ;) {
    const { items: more, next_cursor } = await page({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    items.push(...more);
    if (!next_cursor || items.length >= MOST) return items;
    cursor = next_cursor;
  }
};
