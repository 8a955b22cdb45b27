export type Urgency = 'calm' | 'soon' | 'urgent' | 'over';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SOON_MS = 5 * MINUTE_MS;

const lengthOf = (ms: number): string => {
  if (ms < MINUTE_MS) return `${Math.ceil(ms / 1_000)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  return `${Math.floor(ms / HOUR_MS)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
};

/** How long there is to answer, in words, and how much it presses. Times in milliseconds since 1970. */
export const countdownOf = (deadlineMs: number, nowMs: number): { words: string; urgency: Urgency } => {
  const left = deadlineMs - nowMs;
  if (left <= 0) return { words: 'deadline passed', urgency: 'over' };
  const urgency = left < MINUTE_MS ? 'urgent' : left < SOON_MS ? 'soon' : 'calm';
  return { words: `expires in ${lengthOf(left)}`, urgency };
};
