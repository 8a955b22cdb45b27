import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { api } from '../data/api.js';
import { useLiveState } from '../live/use-live-state.js';
import type { Reading } from './chronicle.rules.js';
import type { TraceStore } from './trace-store.js';

const PAGE = 1_000;
/** Longer journals are read at both ends, and between them when somebody asks. */
const WHOLE = 5_000;
const END = 1_000;

export interface History {
  /** Frames from before the page was opened that have been read, and that there are. */
  read: number;
  total: number;
  reading: boolean;
  problem: unknown;
  readOn: () => void;
}

interface Range {
  after: number;
  to: number;
  reading: Reading;
}

const rangesOf = (total: number): { now: Range[]; then: Range | null } => {
  const first: Range = { after: 0, to: Math.min(total, total <= WHOLE ? WHOLE : END), reading: { finished: null } };
  if (total <= WHOLE) return { now: total === 0 ? [] : [first], then: null };
  const last = { after: total - END, to: total, reading: { finished: undefined } };
  return { now: [first, last], then: { ...first, after: END, to: last.after } };
};

/** What only the journal knows of the time before the page was opened: moments, findings, who asked for what. */
export const useHistory = (executionId: string, store: TraceStore): History => {
  const [total] = useState(() => store.seq);
  const [ranges] = useState(() => rangesOf(total));
  const [read, setRead] = useState(0);
  const [reading, setReading] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const left = useRef<Range[]>(ranges.now);
  const mounted = useRef(true);
  const work = useCallback(async (): Promise<void> => {
    setReading(true);
    setProblem(null);
    try {
      for (let range = left.current[0]; range && mounted.current; range = left.current[0]) {
        const count = await readPage(executionId, store, range);
        setRead((before) => before + count);
        if (count === 0 || range.after >= range.to) left.current.shift();
      }
    } catch (error) {
      setProblem(error);
    } finally {
      setReading(false);
    }
  }, [executionId, store]);
  useEffect(() => {
    mounted.current = true;
    const timer = setTimeout(() => void work());
    return () => {
      clearTimeout(timer);
      mounted.current = false;
    };
  }, [work]);
  const live = useLiveState() === 'live';
  const again = useEffectEvent(() => void (problem !== null && work()));
  useEffect(() => {
    if (live) again();
  }, [live]);
  const readOn = (): void => {
    if (reading) return;
    if (left.current.length === 0 && ranges.then && read < total) left.current.push(ranges.then);
    void work();
  };
  return { read, total, reading, problem, readOn };
};

/** The first frame of a row that begins in the middle says nothing without the one before it. */
const readPage = async (id: string, store: TraceStore, range: Range): Promise<number> => {
  const { items } = await api.executions.frames(id, {
    after: range.after,
    limit: Math.min(PAGE, range.to - range.after),
  });
  store.remember(range.reading, items);
  range.after = items.at(-1)?.seq ?? range.to;
  return items.length;
};
