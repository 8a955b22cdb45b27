import type { Stop } from './trace.rules.js';

/** The header of the page and the toolbar cover so much of the top of the window. */
export const COVERED_PX = 118;
/** Frames of animation until a step that was scrolled to is there. */
const FOCUS_TRIES = 30;

const keyOf = (element: Element | null | undefined): string | undefined =>
  element?.closest<HTMLElement>('[data-action]')?.dataset['action'];

const inSight = (): HTMLElement | undefined =>
  [...document.querySelectorAll<HTMLElement>('[data-action]')].find(
    (one) => one.getBoundingClientRect().bottom > COVERED_PX,
  );

/** Where a person is in the trace: at the action that has the focus, or just before the first one in sight. */
export const placeInTrace = (): Stop | null => {
  const focused = keyOf(document.activeElement);
  const key = focused ?? inSight()?.dataset['action'];
  const step = Number(key?.split('/')[1]);
  if (!key || !Number.isInteger(step)) return null;
  return { step, key: focused ?? `${key.slice(0, key.lastIndexOf('/'))}/-1` };
};

/** Gives an action the focus as soon as it is there. */
export const focusAction = (key: string, tries = FOCUS_TRIES): void => {
  const call = document.querySelector<HTMLElement>(`[data-action="${CSS.escape(key)}"] > button`);
  if (call) {
    call.focus({ preventScroll: true });
    call.scrollIntoView({ block: 'nearest' });
  } else if (tries > 0) requestAnimationFrame(() => focusAction(key, tries - 1));
};
