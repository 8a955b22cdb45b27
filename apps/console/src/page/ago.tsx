import { useEffect, useState } from 'react';
import { relativeWords } from './ago.rules.js';

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const TICK_MS = 10_000;

/** A time as people say it; the exact one is its title. */
export const Ago = ({ at }: { at: string }) => {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={exact.format(new Date(at))}>
      {relativeWords(Date.parse(at), nowMs)}
    </time>
  );
};
