import { useSyncExternalStore } from 'react';
import type { StopDraft } from './kill-switch.rules.js';

/** What the dialog begins with. */
export type StopWish = Partial<Pick<StopDraft, 'scope' | 'agent_id' | 'tool'>>;

let wish: StopWish | null = null;
const listeners = new Set<() => void>();
const set = (to: StopWish | null): void => {
  wish = to;
  listeners.forEach((listener) => listener());
};

/** The dialog that stops agents: it is opened from anywhere, also before it has been loaded. */
export const stopDialog = { open: (about: StopWish = {}): void => set(about), close: (): void => set(null) };

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Null: closed. */
export const useStopWish = (): StopWish | null => useSyncExternalStore(subscribe, () => wish);
