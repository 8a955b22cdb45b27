const two = (n: number): string => String(n).padStart(2, '0');

/** The day of a time where its reader is: `2026-12-01`; empty: none. */
export const dayOf = (at: string | null | undefined): string => {
  if (!at) return '';
  const time = new Date(at);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
};

/** The last moment of a day where its reader is, RFC 3339; null: no day. */
export const endOf = (day: string): string | null =>
  day === '' ? null : new Date(`${day}T23:59:59.999`).toISOString();
