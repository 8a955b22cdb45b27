const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;
const FEW_SECONDS = 10;

const two = (major: number, unit: string, minor: number, under: string): string =>
  minor === 0 ? `${major} ${unit}` : `${major} ${unit} ${minor} ${under}`;

/** A length of time in its two largest units: `84 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`. Never negative. */
export const durationWords = (ms: number): string => {
  const whole = Math.max(0, Math.round(ms));
  if (whole < MS_PER_SECOND) return `${whole} ms`;
  if (whole < FEW_SECONDS * MS_PER_SECOND) return `${(Math.floor(whole / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(whole / MS_PER_SECOND);
  if (seconds < SECONDS_PER_MINUTE) return `${seconds} s`;
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  if (minutes < MINUTES_PER_HOUR) return two(minutes, 'min', seconds % SECONDS_PER_MINUTE, 's');
  const hours = Math.floor(minutes / MINUTES_PER_HOUR);
  if (hours < HOURS_PER_DAY) return two(hours, 'h', minutes % MINUTES_PER_HOUR, 'min');
  return two(Math.floor(hours / HOURS_PER_DAY), 'd', hours % HOURS_PER_DAY, 'h');
};
