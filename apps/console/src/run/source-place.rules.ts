/** Both from 1. */
export interface Place {
  line: number;
  column: number;
}

/** Problems of a source say their place first: `12:5 unknown key "use"`. */
export const placeOf = (message: string): { place: Place | null; words: string } => {
  const found = /^(\d+):(\d+) ([\s\S]*)$/.exec(message);
  if (!found) return { place: null, words: message };
  return { place: { line: Number(found[1]), column: Number(found[2]) }, words: found[3]! };
};

/** Where a line begins and ends in a source, in UTF-16 code units; a line that is not there is its end. */
export const lineOf = (source: string, line: number): { start: number; end: number } => {
  let start = 0;
  for (let before = 1; before < line; before += 1) {
    const next = source.indexOf('\n', start);
    if (next < 0) return { start: source.length, end: source.length };
    start = next + 1;
  }
  const end = source.indexOf('\n', start);
  return { start, end: end < 0 ? source.length : end };
};
