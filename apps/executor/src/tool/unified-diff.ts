import { structuredPatch } from 'diff';
import { isShortened, visible } from '../action/visible.rules.js';

/** Most text of one diff, in bytes of UTF-8. */
const DIFF_BYTES = 32 * 1024;
const CONTEXT_LINES = 3;
/** Beyond these the least edit is not looked for: what differs is shown as removed and added whole. */
const MINIMAL_LINES = 20_000;
const MINIMAL_TIMEOUT_MS = 50;

const NO_NEWLINE = '\\ No newline at end of file';
const KEY_BEGINS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/;
const KEY_LINE = '[redacted:private_key]';
/** What a terminal may obey instead of showing: control characters, and the marks that turn the direction of text. */
const DECEPTIVE = /(?!\t|\r$)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  /** Each begins with ` `, `-`, `+` or `\`. */
  lines: string[];
}

export interface UnifiedDiff {
  /** At most `DIFF_BYTES`; the last line is whole. */
  text: string;
  /** What the text does not show, one sentence each. */
  notes: string[];
}

/**
 * Two texts as a unified diff for people: each line redacted and shortened like everything visible, all other characters
 * as they are. The lines are compared as they really are, so a changed secret is seen to change. Takes time linear in the
 * texts beyond the search for the least edit, which is bounded.
 * @param before null: there is no file yet
 * @param after null: there will be none
 */
export const unifiedDiff = (path: string, before: string | null, after: string | null): UnifiedDiff => {
  const hunks = hunksOf(before ?? '', after ?? '');
  const keys = { before: keyLines(before ?? ''), after: keyLines(after ?? '') };
  const shown = new Shown();
  shown.add(`--- ${before === null ? '/dev/null' : fileName(path)}`);
  shown.add(`+++ ${after === null ? '/dev/null' : fileName(path)}`);
  for (const hunk of hunks) {
    if (!shown.add(rangeOf(hunk))) break;
    if (!addHunk(shown, hunk, keys)) break;
  }
  const total = hunks.reduce((sum, { lines }) => sum + lines.length, 0);
  return { text: shown.text, notes: shown.notes(total) };
};

/** Names with characters that would break the header are quoted. */
const fileName = (path: string): string => {
  const name = visible(path);
  return /[\p{Cc}"]/u.test(name) ? JSON.stringify(name) : name;
};

const addHunk = (shown: Shown, hunk: Hunk, keys: { before: Set<number>; after: Set<number> }): boolean => {
  let { oldStart: old, newStart: now } = hunk;
  for (const line of hunk.lines) {
    const sign = line[0]!;
    const isKey = (sign !== '+' && keys.before.has(old)) || (sign !== '-' && keys.after.has(now));
    if (sign === ' ' || sign === '-') old += 1;
    if (sign === ' ' || sign === '+') now += 1;
    if (!shown.addLine(sign, sign === '\\' ? line.slice(1) : isKey ? KEY_LINE : visible(line.slice(1)))) return false;
  }
  return true;
};

/** The numbers, from 1, of the lines of private keys: the one kind of secret that no single line shows to be one. */
const keyLines = (text: string): Set<number> => {
  const found = new Set<number>();
  if (!KEY_BEGINS.test(text)) return found;
  let isInside = false;
  for (const [index, line] of text.split('\n').entries()) {
    const isHere: boolean = isInside || KEY_BEGINS.test(line);
    if (isHere) found.add(index + 1);
    isInside = isHere && !line.includes('-----END ', Math.max(0, line.lastIndexOf('-----BEGIN ')));
  }
  return found;
};

/** Lines as they are added, as long as there is room. */
class Shown {
  private readonly lines: string[] = [];
  private bytes = 0;
  private count = 0;
  private shortened = 0;
  private isDeceptive = false;

  get text(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }

  /** False: there is no room for it. */
  add(line: string): boolean {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.bytes + bytes > DIFF_BYTES) return false;
    this.bytes += bytes;
    this.lines.push(line);
    return true;
  }

  addLine(sign: string, line: string): boolean {
    if (!this.add(sign + line)) return false;
    this.count += 1;
    if (isShortened(line)) this.shortened += 1;
    this.isDeceptive ||= DECEPTIVE.test(line);
    return true;
  }

  notes(total: number): string[] {
    return [
      ...(this.count < total ? [`The diff is cut: ${this.count} of ${total} lines are shown.`] : []),
      ...(this.shortened > 0 ? [`Long lines are cut: ${this.shortened}.`] : []),
      ...(this.isDeceptive ? ['It has control characters or marks that turn the direction of text.'] : []),
    ];
  }
}

const rangeOf = ({ oldStart, oldLines, newStart, newLines }: Hunk): string => {
  const range = (start: number, count: number): string => {
    // An empty side is named by the line before it (POSIX diff -u).
    const from = count === 0 ? start - 1 : start;
    return count === 1 ? `${from}` : `${from},${count}`;
  };
  return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
};

const hunksOf = (before: string, after: string): Hunk[] => {
  const [old, now] = [linesOf(before), linesOf(after)];
  if (old.length > 0 && now.length > 0 && old.length + now.length <= MINIMAL_LINES) {
    const options = { context: CONTEXT_LINES, timeout: MINIMAL_TIMEOUT_MS };
    const patch = structuredPatch('', '', before, after, undefined, undefined, options);
    if (patch) return patch.hunks;
  }
  return replacement(old, now);
};

/** Each with its line feed, if it has one. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Everything between the first and the last line that differ, removed and added. */
const replacement = (old: string[], now: string[]): Hunk[] => {
  const shorter = Math.min(old.length, now.length);
  let same = 0;
  while (same < shorter && old[same] === now[same]) same += 1;
  if (same === old.length && same === now.length) return [];
  let tail = 0;
  while (tail < shorter - same && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const from = Math.max(0, same - CONTEXT_LINES);
  const rest = Math.max(0, tail - CONTEXT_LINES);
  const signed = (sign: string, lines: string[]): string[] =>
    lines.flatMap((line) => (line.endsWith('\n') ? [sign + line.slice(0, -1)] : [sign + line, NO_NEWLINE]));
  return [
    {
      oldStart: from + 1,
      oldLines: old.length - rest - from,
      newStart: from + 1,
      newLines: now.length - rest - from,
      lines: [
        ...signed(' ', old.slice(from, same)),
        ...signed('-', old.slice(same, old.length - tail)),
        ...signed('+', now.slice(same, now.length - tail)),
        ...signed(' ', old.slice(old.length - tail, old.length - rest)),
      ],
    },
  ];
};
