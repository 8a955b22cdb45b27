/** The row a key leads to from `index`, or null when the key leads nowhere. `count` >= 1. */
export const stepOf = (key: string, index: number, count: number): number | null => {
  const last = count - 1;
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(last, index + 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(0, index - 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
};

/** The one row that the tab key reaches: the entered one while it exists, else the first in sight. */
export const tabStopOf = (
  existing: readonly string[],
  entered: string | null,
  firstInSight: string | undefined,
): string | undefined => {
  if (entered !== null && existing.includes(entered)) return entered;
  return firstInSight !== undefined && existing.includes(firstInSight) ? firstInSight : existing[0];
};
