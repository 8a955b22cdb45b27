import { boundedJsonPointer, type LocatedProblem } from '#kernel';

/** Where in the document: member names and list indices from the root. */
export type Path = readonly (string | number)[];

/** How many problems of one file are reported; the rest would only repeat the first ones. */
export const MAX_PROBLEMS = 50;

/** Offset in the source -> line and column, both from 1. */
export type Locate = (offset: number) => { line: number; col: number };

/** Collects what is wrong with one source text, so that its author sees everything at once. */
export class Problems {
  private readonly found: { offset: number; path: Path; message: string }[] = [];

  constructor(private readonly locate: Locate) {}

  get any(): boolean {
    return this.found.length > 0;
  }

  /** `offset` counts UTF-16 code units from the start of the source. */
  add(path: Path, offset: number, message: string): void {
    this.found.push({ path, offset, message });
  }

  position(offset: number): string {
    const { line, col } = this.locate(offset);
    return `${line}:${col}`;
  }

  /** In the order of the source. */
  list(): LocatedProblem[] {
    return this.found
      .toSorted((a, b) => a.offset - b.offset)
      .slice(0, MAX_PROBLEMS)
      .map(({ path, offset, message }) => ({
        path: boundedJsonPointer(path),
        message: `${this.position(offset)} ${message}`,
      }));
  }
}

/** Levenshtein distance over UTF-16 code units (Wagner-Fischer, two rows). */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substituted, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}

/** Words longer than this are no misspelling of ours, and comparing them would cost more than it tells. */
const MAX_COMPARED = 64;

/** ` (did you mean "x"?)`, or nothing when no known word is near. */
export function suggestion(word: string, known: Iterable<string>): string {
  if (word.length > MAX_COMPARED) return '';
  const ranked = [...known]
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far);
  const [best] = ranked;
  return best && best.far <= Math.max(1, Math.floor(best.candidate.length / 3)) && best.far < best.candidate.length
    ? ` (did you mean "${best.candidate}"?)`
    : '';
}

/** A word of the source inside a message: bounded, and on one line whatever it holds. */
export const quoted = (word: string): string =>
  JSON.stringify(word.length > MAX_COMPARED ? `${word.slice(0, MAX_COMPARED)}…` : word);
