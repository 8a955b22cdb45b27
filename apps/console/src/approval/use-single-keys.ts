import { useEffect, useEffectEvent } from 'react';
import { isTyping } from '../frame/use-shortcuts.js';

/** The second key of `g a` means a place, not an answer. */
const SECOND_KEY_MS = 1_200;

/** Hears single keys that nobody types into a field; `take` answers whether the key was for it. */
export const useSingleKeys = (take: (key: string, target: EventTarget | null) => boolean): void => {
  const offer = useEffectEvent(take);
  useEffect(() => {
    let begun = -Infinity;
    const hear = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || isTyping(event.target)) return;
      if (event.target instanceof Element && event.target.closest('[role="menu"]')) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isSecond = performance.now() - begun < SECOND_KEY_MS;
      begun = event.key === 'g' ? performance.now() : -Infinity;
      if (!isSecond && offer(event.key, event.target)) event.preventDefault();
    };
    addEventListener('keydown', hear);
    return () => removeEventListener('keydown', hear);
  }, []);
};
