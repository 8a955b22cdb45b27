import { Text } from '@mantine/core';
import type { ExecutionResult } from '#client/browser';
import { ListTree } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Empty } from '../page/empty.js';
import { StepList } from './step-list.js';
import { focusAction, placeInTrace } from './trace-place.js';
import { type Filter, nextStop } from './trace.rules.js';
import { TraceToolbar } from './trace-toolbar.js';
import { useFollow } from './use-follow.js';
import { useKeys } from './use-keys.js';
import { useStepTarget } from './use-step-target.js';
import { type Trace, useStore } from './use-trace.js';
import { type Rows, useRows, useVirtualSteps, type VirtualSteps } from './use-virtual-steps.js';

const without = (set: ReadonlySet<string>, keys: ReadonlySet<string>): Set<string> =>
  new Set([...set].filter((key) => !keys.has(key)));

const useOpened = () => {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  /** Opens all of them, or closes them when all are open. */
  const turn = useCallback((keys: readonly string[]): void => {
    setOpened((old) => (keys.every((key) => old.has(key)) ? without(old, new Set(keys)) : new Set([...old, ...keys])));
  }, []);
  const toggle = useCallback((key: string): void => turn([key]), [turn]);
  return { opened, toggle, turn };
};

/** Scrolls to a step, and once more when it has been read: what is read above it may be higher than was foreseen. */
const useAim = ({ store }: Trace, rows: Rows, { virtual, items }: VirtualSteps): ((step: number) => void) => {
  const goal = useRef<number | null>(null);
  useEffect(() => {
    if (goal.current === null || !store.step(goal.current)) return;
    const row = rows.row(goal.current);
    goal.current = null;
    // Whoever has moved on meanwhile is not called back.
    if (items.some(({ index }) => index === row)) virtual.scrollToIndex(row, { align: 'start' });
  });
  return (step) => {
    goal.current = store.step(step) ? null : step;
    const row = rows.row(step);
    if (row >= 0) virtual.scrollToIndex(row, { align: 'start' });
  };
};

/** The trace of a run: every step, live while it goes on. */
export const TraceView = ({ trace, execution }: { trace: Trace; execution: ExecutionResult }) => {
  const { store } = trace;
  useStore(store);
  const running = execution.phase === 'running';
  const [filter, setFilter] = useState<Filter | null>(null);
  const rows = useRows(trace, filter);
  const steps = useVirtualSteps(trace, rows);
  const { opened, toggle, turn } = useOpened();
  const follow = useFollow(running, store.count, steps.virtual.getTotalSize());
  const aim = useAim(trace, rows, steps);
  const go = (step: number): void => {
    follow.set(false);
    aim(Math.min(step, store.count));
  };
  const target = useStepTarget(store.count > 0 && steps.top > 0, go);
  const visit = (direction: 1 | -1): void => {
    const stop = nextStop(store.stops(), placeInTrace(), direction);
    if (!stop) return;
    if (filter !== null) setFilter(null);
    follow.set(false);
    steps.virtual.scrollToIndex(stop.step - 1, { align: 'start' });
    focusAction(stop.key);
  };
  const expand = (): void =>
    turn(steps.items.flatMap(({ index }) => store.step(rows.step(index))?.actions.map(({ key }) => key) ?? []));
  useKeys({ '[': () => visit(-1), ']': () => visit(1), e: expand });
  return (
    <div>
      <TraceToolbar {...{ trace, filter, setFilter, follow, running, go, visit, expand }} />
      {rows.count === 0 && <NoSteps filter={filter} running={running} />}
      <StepList {...{ trace, rows, steps, opened, target, toggle }} />
    </div>
  );
};

const NoSteps = ({ filter, running }: { filter: Filter | null; running: boolean }) => {
  if (filter !== null) {
    return (
      <Text c="dimmed" size="sm" ta="center" py="xl">
        No step read so far is like that.
      </Text>
    );
  }
  return (
    <Empty icon={ListTree} title={running ? 'No step yet' : 'This run did nothing'}>
      {running
        ? 'Each step appears here as the agent takes it, with what was predicted, decided, done, verified and undone.'
        : 'It ended before its first step; why is said above.'}
    </Empty>
  );
};
