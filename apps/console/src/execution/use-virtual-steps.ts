import { useWindowVirtualizer, type VirtualItem, type Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { COVERED_PX } from './trace-place.js';
import type { Filter } from './trace.rules.js';
import type { Trace } from './use-trace.js';

const STEP_PX = 140;
const AHEAD = 5;

/** Which steps the rows of the list are. */
export interface Rows {
  count: number;
  step: (row: number) => number;
  /** -1: the filter leaves it out. */
  row: (step: number) => number;
}

export const useRows = ({ store }: Trace, filter: Filter | null): Rows => {
  const found = filter === null ? null : store.found(filter);
  const { count } = store;
  return useMemo(
    () =>
      found === null
        ? { count, step: (row) => row + 1, row: (step) => step - 1 }
        : { count: found.length, step: (row) => found[row]!, row: (step) => found.indexOf(step) },
    [found, count],
  );
};

/** Where the list begins in the page, kept right while things above it come and go. */
const useTop = (): [list: (element: HTMLElement | null) => void, top: number] => {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (!element) return undefined;
    const measure = (): void => setTop(Math.round(element.getBoundingClientRect().top + scrollY));
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(document.body);
    return () => resized.disconnect();
  }, [element]);
  return [setElement, top];
};

export interface VirtualSteps {
  list: (element: HTMLElement | null) => void;
  top: number;
  virtual: Virtualizer<Window, Element>;
  items: VirtualItem[];
}

/** The rows in sight, in a window that scrolls; what is in sight and not there is read. */
export const useVirtualSteps = ({ reader }: Trace, rows: Rows): VirtualSteps => {
  const [list, top] = useTop();
  const virtual = useWindowVirtualizer({
    count: rows.count,
    estimateSize: () => STEP_PX,
    overscan: AHEAD,
    scrollMargin: top,
    scrollPaddingStart: COVERED_PX,
    getItemKey: rows.step,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0], items.at(-1)];
  const from = first ? rows.step(first.index) : 0;
  const to = last ? rows.step(last.index) : 0;
  useEffect(() => {
    if (from > 0 && to > 0) reader.want(from, to);
  }, [reader, from, to, rows.count]);
  return { list, top, virtual, items };
};
