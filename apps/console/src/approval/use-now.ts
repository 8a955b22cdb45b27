import { useEffect, useState } from 'react';

const TICK_MS = 1_000;

/** Milliseconds since 1970, anew every second. */
export const useNow = (): number => {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
};
