import { InvalidUse } from '../output/use.errors.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Version 7 ids begin with the time and end in random bits: the end tells them apart. */
const SHOWN = 8;
const LEAST = 4;

export const shortId = (id: string): string => id.slice(-SHOWN);

export const isWholeId = (text: string): boolean => UUID.test(text);

/**
 * The one id that begins or ends with `part`.
 * @param noun what it is the id of, for the sentence
 * @throws InvalidUse
 */
export const resolveId = (part: string, ids: string[], noun: string): string => {
  const wanted = part.toLowerCase();
  if (isWholeId(wanted)) return wanted;
  if (!/^[0-9a-f-]+$/.test(wanted) || wanted.length < LEAST) {
    throw new InvalidUse(`"${part}" is no id: give the beginning or the end of one, ${LEAST} characters or more.`);
  }
  const found = ids.filter((id) => id.startsWith(wanted) || id.endsWith(wanted));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new InvalidUse(`There is no ${noun} whose id begins or ends with "${part}".`);
  throw new InvalidUse(`"${part}" fits ${found.length} ids: ${found.slice(0, 5).join(', ')}.`);
};
