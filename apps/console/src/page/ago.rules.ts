const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });

/**
 * A time as people say it, beside another one: `3h ago`, `in 90d`. The past in whole units gone by, the future in the
 * nearest one: what has just been given 90 days has 90 left.
 */
export const relativeWords = (atMs: number, nowMs: number): string => {
  const seconds = Math.round((atMs - nowMs) / 1_000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return words.format(seconds < 0 ? Math.trunc(seconds / size) : Math.round(seconds / size), unit);
};
