import { useEffect, useEffectEvent, useState } from 'react';
import type { TraceStore } from './trace-store.js';

const SLOW_MS = 1_000;

/** What is worked out of the whole trace, renewed once a second while it has news: a list or a curve of thousands. */
export const useSlowly = <T>(store: TraceStore, read: () => T): T => {
  const [value, setValue] = useState(read);
  const again = useEffectEvent(() => setValue(read()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const hear = (): void => {
      timer ??= setTimeout(() => {
        timer = null;
        again();
      }, SLOW_MS);
    };
    const stop = store.subscribe(hear);
    again();
    return () => {
      stop();
      clearTimeout(timer ?? undefined);
    };
  }, [store]);
  return value;
};
