import { useEffect, useEffectEvent } from 'react';
import { isTyping } from '../frame/use-shortcuts.js';

const SECOND_KEY_MS = 1_200;

/** Single keys of a page: not while somebody types, not in a dialog, and not the second key after `g`, which goes elsewhere. */
export const useKeys = (keys: Readonly<Record<string, () => void>>): void => {
  const press = useEffectEvent((key: string) => keys[key]?.());
  useEffect(() => {
    let led = -Infinity;
    const hear = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
      const second = performance.now() - led < SECOND_KEY_MS;
      led = event.key === 'g' ? performance.now() : -Infinity;
      if (!second) press(event.key);
    };
    addEventListener('keydown', hear);
    return () => removeEventListener('keydown', hear);
  }, []);
};
