import type { ExecutionResult, Frame } from '#client/browser';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { api } from '../data/api.js';
import { APPROVALS, EXECUTION } from '../data/keys.js';
import { useFrames } from '../live/use-frames.js';
import { useLiveState } from '../live/use-live-state.js';
import { isToJoin, withHead } from './head.rules.js';
import { StepReader } from './step-reader.js';
import { TraceStore } from './trace-store.js';

const SAY_AGAIN_MS = 250;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nextPaint = (work: () => void): void => void requestAnimationFrame(work);

export interface Trace {
  store: TraceStore;
  reader: StepReader;
}

const openTrace = ({ id, last_seq }: ExecutionResult): Trace => {
  const store = new TraceStore(last_seq, nextPaint);
  const reader = new StepReader(store, (after, limit) => api.executions.steps(id, { after, limit }), wait);
  return { store, reader };
};

/** Renders again when the store has news, at most once per frame of animation. */
export const useStore = (store: TraceStore): void => {
  useSyncExternalStore(store.subscribe, store.version);
};

/**
 * The trace of an execution, and the execution as its newest frames say. `read` is what was read last; reading it again
 * only ever adds. Frames are followed while there are any to come, also those of a rollback after the end.
 */
export const useTrace = (read: ExecutionResult): { trace: Trace; execution: ExecutionResult } => {
  const [trace] = useState(() => openTrace(read));
  const { store, reader } = trace;
  const head = useSyncExternalStore(store.subscribe, () => store.head);
  const execution = useMemo(() => withHead(read, head), [read, head]);
  useRead(trace, read);
  useJoined(store, execution, useStale(read.id));
  const live = useLiveState() === 'live';
  useEffect(() => {
    reader.open();
    if (live && reader.problem) reader.retry();
    return () => reader.close();
  }, [reader, live]);
  return { trace, execution };
};

/** Takes in the first steps, and how many there are. */
const useRead = ({ store }: Trace, read: ExecutionResult): void => {
  useEffect(() => {
    store.put(read.execution_trace);
    store.reaches(read.step_count);
  }, [store, read]);
};

const useJoined = (store: TraceStore, execution: ExecutionResult, stale: () => void): void => {
  const joining = isToJoin(execution, store.seq);
  const [after, setAfter] = useState<number | null>(null);
  if (joining && after === null) setAfter(store.seq);
  if (!joining && after !== null) setAfter(null);
  useFrames(execution.id, after, (frame: Frame) => {
    store.hear(frame);
    if (frame.type === 'status_update' || frame.type === 'completion') stale();
  });
};

/** What may be asked of a run, and its approvals, are in no frame: read them again, not more often than is of use. */
const useStale = (id: string): (() => void) => {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      void queries.invalidateQueries({ queryKey: [...EXECUTION, id] });
      void queries.invalidateQueries({ queryKey: APPROVALS });
    }, SAY_AGAIN_MS);
  };
};
