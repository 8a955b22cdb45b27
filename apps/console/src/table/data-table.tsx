import { Loader, Text } from '@mantine/core';
import { useElementSize, useMediaQuery, useMergedRef } from '@mantine/hooks';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { stepOf, tabStopOf } from './row-focus.rules.js';
import classes from './data-table.module.css';

export interface Column<T> {
  title: string;
  /** A CSS grid track: `minmax(12rem, 1fr)`. */
  width: string;
  cell: (row: T) => ReactNode;
  /** Left out below this width of the table, in px. */
  from?: number;
  /** On a narrow screen, where a row is a card: there all the same. */
  onCard?: true;
  align?: 'end';
  /** On a narrow screen, where a row is a card: first, and over its whole width. */
  headline?: true;
}

interface More {
  has: boolean;
  loading: boolean;
  fetch: () => void;
}

interface Table<T> {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  open?: (row: T) => void;
  more?: More;
}

/** As in the style sheet. */
const CARDS = '(max-width: 40em)';
const ROW_PADDING_PX = 16;
const ROW_PX = 52;
const AHEAD = 8;
const INTERACTIVE = 'a, button, input, select, textarea, label';

/**
 * A list of any length: only rows in sight exist, and the end asks for more. One row is a tab stop; up and down, j and k,
 * Home and End move it, Enter opens it. What comes in above does not move what is being read, nor the focus. A link with
 * `data-row` in a cell is the link of the whole row.
 */
export const DataTable = <T,>({ label, rows, columns, rowKey, open, more }: Table<T>) => {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const body = useRef<HTMLDivElement>(null);
  const { ref: measured, width: bodyWidth } = useElementSize<HTMLDivElement>();
  const bodyRef = useMergedRef(body, measured);
  const isCards = useMediaQuery(CARDS);
  const { virtual, stop, enter, move } = useRows(body, rows, rowKey);
  const items = virtual.getVirtualItems();
  useMore(more, items.at(-1)?.index ?? 0, rows.length);
  const shown = columns.filter(({ from = 0, onCard }) => width >= from || (isCards && onCard));
  const tracks = { gridTemplateColumns: shown.map(({ width: track }) => track).join(' ') };
  const press = (event: KeyboardEvent<HTMLElement>, index: number): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter') return open?.(rows[index]!);
    const next = stepOf(event.key, index, rows.length);
    if (next === null) return;
    event.preventDefault();
    move(next);
  };
  return (
    <div ref={ref} className={`surface ${classes.table}`}>
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1}>
        <Head
          columns={shown}
          style={{ ...tracks, paddingInlineEnd: ROW_PADDING_PX + Math.max(0, width - bodyWidth) }}
        />
        <div ref={bodyRef} className={classes.body} role="rowgroup" tabIndex={-1}>
          <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
            {items.map(({ index, key, start }) => (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                role="row"
                aria-rowindex={index + 2}
                tabIndex={key === stop ? 0 : -1}
                className={classes.row}
                data-opens={open ? true : undefined}
                style={{ ...tracks, transform: `translateY(${start}px)` }}
                onFocus={() => enter(String(key))}
                onClick={({ target }) => !(target as Element).closest(INTERACTIVE) && open?.(rows[index]!)}
                onKeyDown={(event) => press(event, index)}
              >
                <Cells columns={shown} row={rows[index]!} />
              </div>
            ))}
          </div>
        </div>
      </div>
      <Foot count={rows.length} more={more} />
    </div>
  );
};

const Head = <T,>({ columns, style }: { columns: readonly Column<T>[]; style: CSSProperties }) => (
  <div role="row" className={`${classes.row} ${classes.head}`} style={style} aria-rowindex={1}>
    {columns.map(({ title, align }) => (
      <div key={title} role="columnheader" className={classes.cell} data-align={align}>
        {title}
      </div>
    ))}
  </div>
);

const Cells = <T,>({ columns, row }: { columns: readonly Column<T>[]; row: T }) =>
  columns.map(({ title, cell, align, headline }) => (
    <div key={title} role="cell" className={classes.cell} data-align={align} data-headline={headline}>
      {cell(row)}
    </div>
  ));

const Foot = ({ count, more }: { count: number; more: More | undefined }) => (
  <Text size="xs" c="dimmed" px="md" py={6} role="status" className={classes.foot}>
    {more?.loading ? <Loader size={12} aria-label="Loading more" /> : `${count}${more?.has ? '+' : ''} shown`}
  </Text>
);

const useMore = (more: More | undefined, last: number, count: number): void => {
  useEffect(() => {
    if (more?.has && !more.loading && last >= count - AHEAD) more.fetch();
  }, [more, last, count]);
};

/** Which rows exist, and which of them is the tab stop: the one last entered, as long as it is there. */
const useRows = <T,>(body: RefObject<HTMLDivElement | null>, rows: readonly T[], rowKey: (row: T) => string) => {
  const [entered, setEntered] = useState<string | null>(null);
  const moving = useRef(false);
  const at = entered === null ? -1 : rows.findIndex((row) => rowKey(row) === entered);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => body.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
    getItemKey: (index) => rowKey(rows[index]!),
    // At the top what is new shows; further down what is read stays where it is.
    anchorTo: (body.current?.scrollTop ?? 0) > 0 ? 'end' : 'start',
    // The row that has the focus exists also out of sight, or the focus would be lost.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), ...(at < 0 ? [] : [at])])].sort((a, b) => a - b),
  });
  useLayoutEffect(() => {
    if (!moving.current) return;
    moving.current = false;
    body.current?.querySelector<HTMLElement>(`[data-index="${at}"]`)?.focus({ preventScroll: true });
  }, [body, at]);
  const move = (index: number): void => {
    moving.current = true;
    setEntered(rowKey(rows[index]!));
    virtual.scrollToIndex(index);
  };
  const stop = tabStopOf(
    virtual.getVirtualItems().map(({ key }) => String(key)),
    entered,
    virtual.range ? rows[virtual.range.startIndex] && rowKey(rows[virtual.range.startIndex]!) : undefined,
  );
  return { virtual, stop, enter: setEntered, move };
};
