export interface DiffLine {
  /** `range`: where the lines after it stand. `remark`: about the line before it. */
  kind: 'context' | 'added' | 'removed' | 'range' | 'remark';
  text: string;
  /** Line number in what is there; null where the line is not in it. */
  before: number | null;
  /** Line number in what will be there. */
  after: number | null;
}

export interface Diff {
  lines: DiffLine[];
  added: number;
  removed: number;
  /** True: it ends before its last range does. */
  cut: boolean;
}

const RANGE = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

interface Place {
  before: number;
  after: number;
  beforeLeft: number;
  afterLeft: number;
}

const placeOf = (range: RegExpExecArray): Place => ({
  before: Number(range[1]),
  beforeLeft: Number(range[2] ?? 1),
  after: Number(range[3]),
  afterLeft: Number(range[4] ?? 1),
});

const lineAt = (line: string, place: Place): DiffLine | null => {
  const text = line.slice(1);
  switch (line[0]) {
    case '+':
      place.afterLeft -= 1;
      return { kind: 'added', text, before: null, after: place.after++ };
    case '-':
      place.beforeLeft -= 1;
      return { kind: 'removed', text, before: place.before++, after: null };
    case ' ':
      place.beforeLeft -= 1;
      place.afterLeft -= 1;
      return { kind: 'context', text, before: place.before++, after: place.after++ };
    default:
      return null;
  }
};

/**
 * The lines of a unified diff of one file (POSIX diff -u; `\ No newline` as GNU writes it). Ranges say how many lines
 * follow, so a removed line `-- a` is not taken for a header. A diff that ends in the middle gives the lines it has; what
 * is no diff gives none.
 */
export const parseDiff = (text: string): Diff => {
  const lines: DiffLine[] = [];
  let place: Place | null = null;
  for (const line of text.split('\n')) {
    const inside = place !== null && place.beforeLeft + place.afterLeft > 0;
    const range = inside ? null : RANGE.exec(line);
    if (range) {
      place = placeOf(range);
      lines.push({ kind: 'range', text: line, before: null, after: null });
    } else if (place && line.startsWith('\\')) {
      lines.push({ kind: 'remark', text: line.slice(1).trim(), before: null, after: null });
    } else if (place && inside) {
      const parsed = lineAt(line, place);
      if (parsed) lines.push(parsed);
    }
  }
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  const cut = place !== null && place.beforeLeft + place.afterLeft > 0;
  if (cut) lines.push({ kind: 'remark', text: 'The diff is cut here.', before: null, after: null });
  return { lines, added: count('added'), removed: count('removed'), cut };
};
