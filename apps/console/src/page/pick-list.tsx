import { Box, Loader } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import classes from './panes.module.css';

const ROW_PX = 92;
const AHEAD = 8;

interface PickListProps<T extends { id: string }> {
  label: string;
  rows: readonly T[];
  /** Id of the one that is looked at. */
  selected: string | undefined;
  select: (id: string) => void;
  row: (one: T) => ReactNode;
  more: { has: boolean; loading: boolean; fetch: () => void };
}

/** Puts the focus on a row as soon as it is there. */
export const focusRow = (id: string): void => {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-pick="${id}"]`)?.focus());
};

/**
 * A list of which one is looked at. Arrows, Home and End move from row to row, Space looks at the one that has the focus.
 * Only rows in sight exist, and the end asks for more.
 */
export const PickList = <T extends { id: string }>({ label, rows, selected, select, row, more }: PickListProps<T>) => {
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
    getItemKey: (index) => rows[index]!.id,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more.has && !more.loading && last >= rows.length - AHEAD) more.fetch();
  }, [more, last, rows.length]);
  const at = rows.findIndex(({ id }) => id === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);
  const press = (event: KeyboardEvent, index: number): void => {
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1, ' ': index }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const one = rows[to];
    if (!one) return;
    select(one.id);
    focusRow(one.id);
  };
  return (
    <div ref={place} className={classes.list} role="listbox" aria-label={label} tabIndex={-1}>
      <Box pos="relative" style={{ height: virtual.getTotalSize() }} role="presentation">
        {items.map(({ index, key, start }) => (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            data-pick={rows[index]!.id}
            role="option"
            aria-selected={index === at}
            aria-setsize={rows.length}
            aria-posinset={index + 1}
            tabIndex={index === Math.max(0, at) ? 0 : -1}
            className={classes.row}
            style={{ transform: `translateY(${start}px)` }}
            onClick={() => select(rows[index]!.id)}
            onKeyDown={(event) => press(event, index)}
          >
            {row(rows[index]!)}
          </div>
        ))}
      </Box>
      {more.loading && <Loader size={14} m="sm" aria-label="Loading more" />}
    </div>
  );
};
