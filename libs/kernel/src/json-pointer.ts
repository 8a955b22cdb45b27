/** RFC 6901: `['a/b', 0]` is `/a~1b/0`; the whole document is ''. */
export const jsonPointer = (path: readonly (string | number)[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The pointer to the innermost ancestor whose text fits, so that a hostile member name is not echoed at length. */
export function boundedJsonPointer(path: readonly (string | number)[], maxLength = 512): string {
  let pointer = '';
  for (const part of path) {
    if (typeof part === 'string' && (part.length > maxLength || !part.isWellFormed())) break;
    const longer = pointer + jsonPointer([part]);
    if (longer.length > maxLength) break;
    pointer = longer;
  }
  return pointer;
}
