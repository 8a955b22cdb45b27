import { useEffect, useState } from 'react';
import { durationWords } from './duration.rules.js';

const TICK_MS = 1_000;

/** From one time to another, or, without an end, up to now and ticking. */
export const Duration = ({ from, to }: { from: string; to: string | null }) => {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    if (to !== null) return undefined;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [to]);
  const ms = (to === null ? nowMs : Date.parse(to)) - Date.parse(from);
  // A run under way is told in whole seconds: its tenths would be those of the tick.
  return (
    <span className="tabular">
      {durationWords(to === null ? Math.max(TICK_MS, Math.floor(ms / TICK_MS) * TICK_MS) : ms)}
    </span>
  );
};
