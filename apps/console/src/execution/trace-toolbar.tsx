import { ActionIcon, Group, TextInput, Tooltip } from '@mantine/core';
import { ArrowDownToLine, ChevronDown, ChevronUp, Rows3 } from 'lucide-react';
import { useState } from 'react';
import { Failure } from '../page/failure.js';
import { LivePill } from './live-pill.js';
import classes from './trace-toolbar.module.css';
import { type Filter, FILTERS } from './trace.rules.js';
import type { TraceStore } from './trace-store.js';
import type { Follow } from './use-follow.js';
import type { Trace } from './use-trace.js';

const WORDS: Record<Filter, string> = {
  deviated: 'Deviated',
  waiting: 'Waiting',
  failed: 'Failed',
  changed: 'With changes',
};
const number = new Intl.NumberFormat('en');

const Chip = ({ on, choose, word, count }: { on: boolean; choose: () => void; word: string; count: number }) => (
  <button type="button" className={classes.chip} aria-pressed={on} onClick={choose}>
    {word} <span>{number.format(count)}</span>
  </button>
);

const Tool = ({
  words,
  on,
  press,
  icon: Icon,
}: {
  words: string;
  on?: boolean;
  press: () => void;
  icon: typeof Rows3;
}) => (
  <Tooltip label={words}>
    <ActionIcon variant={on ? 'filled' : 'default'} size={28} aria-label={words} aria-pressed={on} onClick={press}>
      <Icon size={15} aria-hidden />
    </ActionIcon>
  </Tooltip>
);

const Jump = ({ count, go }: { count: number; go: (step: number) => void }) => {
  const [typed, setTyped] = useState('');
  const jump = (): void => {
    const step = Number(typed);
    if (!Number.isInteger(step) || step < 1) return;
    go(step);
    setTyped('');
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        jump();
      }}
    >
      <TextInput
        size="xs"
        w={112}
        inputMode="numeric"
        aria-label={`Go to a step, 1 to ${count}`}
        placeholder={`Go to 1–${number.format(count)}`}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value.replaceAll(/\D/g, ''))}
      />
    </form>
  );
};

const Chips = ({
  store,
  filter,
  setFilter,
}: {
  store: TraceStore;
  filter: Filter | null;
  setFilter: (filter: Filter | null) => void;
}) => (
  <>
    <div className={classes.chips}>
      <Chip word="All" on={filter === null} choose={() => setFilter(null)} count={store.count} />
      {FILTERS.map((one) => (
        <Chip
          key={one}
          word={WORDS[one]}
          on={filter === one}
          choose={() => setFilter(filter === one ? null : one)}
          count={store.countOf(one)}
        />
      ))}
    </div>
    {store.known < store.count && (
      <span className={classes.note} title="Steps are read as they come into sight; filters and counts are about those">
        in {number.format(store.known)} read
      </span>
    )}
  </>
);

/** What of the trace is shown, and how to get around in it. */
export const TraceToolbar = ({
  trace: { store, reader },
  filter,
  setFilter,
  follow,
  running,
  go,
  visit,
  expand,
}: {
  trace: Trace;
  filter: Filter | null;
  setFilter: (filter: Filter | null) => void;
  follow: Follow;
  running: boolean;
  go: (step: number) => void;
  visit: (direction: 1 | -1) => void;
  expand: () => void;
}) => (
  <div className={classes.bar} role="toolbar" aria-label="The trace">
    <Chips store={store} filter={filter} setFilter={setFilter} />
    <div className={classes.right}>
      {running && <LivePill />}
      <Group gap={4}>
        <Tool words="Previous action to look at ([)" press={() => visit(-1)} icon={ChevronUp} />
        <Tool words="Next action to look at (])" press={() => visit(1)} icon={ChevronDown} />
        <Tool words="Open or close all in sight (e)" press={expand} icon={Rows3} />
        {running && (
          <Tool
            words={follow.on ? 'Following the end; stop' : 'Follow the end'}
            on={follow.on}
            press={() => follow.set(!follow.on)}
            icon={ArrowDownToLine}
          />
        )}
      </Group>
      {store.count > 20 && <Jump count={store.count} go={go} />}
    </div>
    {reader.problem !== null && (
      <div className={classes.problem}>
        <Failure error={reader.problem} retry={() => reader.retry()} />
      </div>
    )}
  </div>
);
