import { Stack } from '@mantine/core';
import { Foreign } from '../page/foreign.js';
import { RiskBadge } from '../risk/risk-badge.js';
import { eventWords, type StatusEvent } from './chronicle.rules.js';
import { ClockTime, durationWords } from './clock-time.js';
import { HistoryNote } from './history-note.js';
import { StatusBadge } from './status-badge.js';
import classes from './timeline-tab.module.css';
import type { History } from './use-history.js';
import { type Trace, useStore } from './use-trace.js';

const Event = ({ event, before }: { event: StatusEvent; before: StatusEvent | undefined }) => {
  const { at, status, paused_reason, reason, failure, risk } = event;
  return (
    <li className={classes.event}>
      <ClockTime at={at} fine />
      <span className={classes.after}>{before ? `+${durationWords(Date.parse(at) - Date.parse(before.at))}` : ''}</span>
      <div className={classes.what}>
        <Foreign text={eventWords(event)} />
        {status && <StatusBadge status={status} pausedReason={paused_reason ?? null} past />}
        {risk !== undefined && <RiskBadge risk={risk} />}
        {reason && (
          <span className={classes.said}>
            “<Foreign text={reason} />”
          </span>
        )}
        {failure && (
          <span className={classes.said}>
            <Foreign mono text={failure.code} /> <Foreign text={failure.message} />
          </span>
        )}
      </div>
    </li>
  );
};

/** What became of the run and when, exactly as its journal has it. */
export const TimelineTab = ({ trace: { store }, history }: { trace: Trace; history: History }) => {
  useStore(store);
  const events = [...store.chronicle.events.values()].sort((a, b) => a.seq - b.seq);
  return (
    <Stack gap="sm">
      <HistoryNote history={history} />
      <ol className={`surface ${classes.events}`} aria-label="What became of the run">
        {events.map((event, at) => (
          <Event key={event.seq} event={event} before={events[at - 1]} />
        ))}
      </ol>
    </Stack>
  );
};
