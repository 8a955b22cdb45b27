import { useEffect, useState } from 'react';

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long', hour12: false });
const SECOND_MS = 1_000;

const milliseconds = (at: string): string => /\.(\d{3})/.exec(at)?.[1] ?? '000';

/** The time of day, to the second or the millisecond; the date is its title. */
export const ClockTime = ({ at, fine }: { at: string; fine?: boolean }) => {
  const date = new Date(at);
  return (
    <time dateTime={at} title={exact.format(date)} className="tabular">
      {clock.format(date)}
      {fine && `.${milliseconds(at)}`}
    </time>
  );
};

/** `1 h 04 min`, `3 min 07 s`, `12 s`, `850 ms` */
export const durationWords = (ms: number): string => {
  const seconds = Math.floor(ms / SECOND_MS);
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))} ms`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (n: number): string => String(n).padStart(2, '0');
  return minutes < 60
    ? `${minutes} min ${two(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
};

/** How long it took, or takes so far. */
export const Duration = ({ from, to }: { from: string; to: string | null | undefined }) => {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    if (to) return undefined;
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, [to]);
  return <span className="tabular">{durationWords((to ? Date.parse(to) : nowMs) - Date.parse(from))}</span>;
};
