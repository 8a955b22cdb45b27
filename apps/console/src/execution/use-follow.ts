import { useEffect, useRef, useState } from 'react';

/** What else than the wheel says that somebody wants to look at something that is not the end. */
const AWAY_KEYS = new Set(['ArrowUp', 'PageUp', 'Home']);

export interface Follow {
  on: boolean;
  set: (on: boolean) => void;
}

const toTheEnd = (): void => scrollTo({ top: document.documentElement.scrollHeight });

/** Keeps the end of a live run in sight, from its first new step on, until a person scrolls up. */
export const useFollow = (running: boolean, steps: number, height: number): Follow => {
  const [on, setOn] = useState(running && location.hash === '');
  const opened = useRef<number | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (opened.current === null && steps > 0) opened.current = steps;
    begun.current ||= steps > (opened.current ?? 0);
    if (on && running && begun.current) toTheEnd();
  }, [on, running, steps, height]);
  useEffect(() => {
    if (!on) return undefined;
    const wheel = ({ deltaY }: WheelEvent): void => void (deltaY < 0 && setOn(false));
    const press = ({ key }: KeyboardEvent): void => void (AWAY_KEYS.has(key) && setOn(false));
    const touch = (): void => setOn(false);
    addEventListener('wheel', wheel, { passive: true });
    addEventListener('keydown', press);
    addEventListener('touchmove', touch, { passive: true });
    return () => {
      removeEventListener('wheel', wheel);
      removeEventListener('keydown', press);
      removeEventListener('touchmove', touch);
    };
  }, [on]);
  const set = (next: boolean): void => {
    begun.current = next;
    setOn(next);
    if (next) toTheEnd();
  };
  return { on, set };
};
