import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Hint, staleBy } from '../data/keys.js';
import { dueInMs } from './hint-pace.rules.js';
import { live } from './socket.js';

/** Follows the team's room while mounted: hints make stale what was read, and so does having been away. */
export const useHints = (): void => {
  const queries = useQueryClient();
  useEffect(() => {
    const { socket } = live;
    const stale = new Map<string, readonly unknown[]>();
    let readAt = -Infinity;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = (): void => {
      timer = undefined;
      readAt = performance.now();
      const keys = [...stale.values()];
      stale.clear();
      for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
    };
    const plan = (): void => {
      clearTimeout(timer);
      timer = stale.size === 0 ? undefined : setTimeout(read, dueInMs(performance.now() - readAt, document.hidden));
    };
    const hear = (hint: Hint): void => {
      for (const queryKey of staleBy(hint)) stale.set(JSON.stringify(queryKey), queryKey);
      if (timer === undefined) plan();
    };
    const join = (): void => {
      socket.emit('join_team');
      void queries.invalidateQueries();
    };
    socket.on('hint', hear);
    socket.on('connect', join);
    document.addEventListener('visibilitychange', plan);
    live.open();
    return () => {
      clearTimeout(timer);
      socket.off('hint', hear);
      socket.off('connect', join);
      document.removeEventListener('visibilitychange', plan);
      live.close();
    };
  }, [queries]);
};
