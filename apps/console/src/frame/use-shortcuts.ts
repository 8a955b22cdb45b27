import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { PLACES } from './navigation.js';
import { palette } from './palette-store.js';

const SECOND_KEY_MS = 1_200;

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const focus = (selector: string): boolean => {
  const found = document.querySelector<HTMLElement>(selector);
  found?.focus();
  return found !== null;
};

/** The search of this page, where it has one (`data-page-search`); else that of everything. */
const search = (): void => {
  if (!focus('#content [data-page-search]')) palette.open();
};

/** Ctrl K, heard from the first moment: the palette shows once it is there. */
const toPalette = (event: KeyboardEvent): void => {
  if (event.key.toLowerCase() !== 'k' || event.shiftKey) return;
  event.preventDefault();
  palette.toggle();
};

/** j and k from anywhere lead into the first list of the page, which goes on from there. */
const intoList = (): boolean => focus('#content [role="row"][tabindex="0"]');

/**
 * Keys that work everywhere, unless somebody is typing or a dialog is open: `/`, `?`, j, k, `!`, and `g` before a place.
 * `stop` null: not for this person.
 */
export const useShortcuts = (help: () => void, stop: (() => void) | null): void => {
  const navigate = useNavigate();
  const press = useEffectEvent((key: string, afterG: boolean): boolean => {
    const place = afterG && PLACES.find((one) => one.key === key);
    if (place) void navigate({ to: place.to });
    else if (key === '/') search();
    else if (key === '?') help();
    else if (key === '!' && stop) stop();
    else if (key === 'j' || key === 'k') return intoList();
    else return false;
    return true;
  });
  useEffect(() => {
    let begun = -Infinity;
    const hear = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey) return;
      if (event.ctrlKey || event.metaKey) return toPalette(event);
      if (isTyping(event.target) || document.querySelector('[aria-modal="true"]')) return;
      const afterG = event.timeStamp - begun < SECOND_KEY_MS;
      begun = event.key === 'g' ? event.timeStamp : -Infinity;
      if (press(event.key, afterG)) event.preventDefault();
    };
    addEventListener('keydown', hear);
    return () => removeEventListener('keydown', hear);
  }, []);
};
