import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { structuredPatch, formatPatch } from 'diff';
import { parseDiff } from './diff.rules.js';

const kinds = (text: string): string[] => parseDiff(text).lines.map(({ kind, text: line }) => `${kind}:${line}`);

describe('a unified diff', () => {
  it('has numbers on both sides, signs taken off', () => {
    const text = '--- a\n+++ a\n@@ -3,3 +3,4 @@\n same\n-old\n+new\n+more\n last\n';
    expect(parseDiff(text)).toEqual({
      lines: [
        { kind: 'range', text: '@@ -3,3 +3,4 @@', before: null, after: null },
        { kind: 'context', text: 'same', before: 3, after: 3 },
        { kind: 'removed', text: 'old', before: 4, after: null },
        { kind: 'added', text: 'new', before: null, after: 4 },
        { kind: 'added', text: 'more', before: null, after: 5 },
        { kind: 'context', text: 'last', before: 5, after: 6 },
      ],
      added: 2,
      removed: 1,
      cut: false,
    });
  });

  it('takes lines that look like headers for what the ranges say they are', () => {
    expect(kinds('--- a\n+++ a\n@@ -1,2 +1 @@\n--- a\n-@@ -1 +1 @@\n+++ a\n')).toEqual([
      'range:@@ -1,2 +1 @@',
      'removed:-- a',
      'removed:@@ -1 +1 @@',
      'added:++ a',
    ]);
  });

  it('of a file that will be gone has no lines after', () => {
    const { lines, removed } = parseDiff('--- a\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x\n-y\n');
    expect(removed).toBe(2);
    expect(lines.map(({ before, after }) => [before, after])).toEqual([
      [null, null],
      [1, null],
      [2, null],
    ]);
  });

  it('that was cut keeps what it has, and says so', () => {
    expect(kinds('--- a\n+++ a\n@@ -1,9 +1,9 @@\n x\n-y\n')).toEqual([
      'range:@@ -1,9 +1,9 @@',
      'context:x',
      'removed:y',
      'remark:The diff is cut here.',
    ]);
  });

  it('says that the last line has no end', () => {
    const text = '--- a\n+++ a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n';
    expect(kinds(text)).toEqual(['range:@@ -1 +1 @@', 'removed:x', 'remark:No newline at end of file', 'added:x']);
  });

  it('that is none has no lines', () => {
    expect(parseDiff('').lines).toEqual([]);
    expect(parseDiff('+rm -rf /\n-x').lines).toEqual([]);
  });

  it('gives back both sides of any patch', () => {
    const content = fc.array(fc.constantFrom('a', '-b', '+c', '@@ -1 +1 @@', '', '-- d', '\\ e'), { maxLength: 20 });
    fc.assert(
      fc.property(content, content, (old, now) => {
        const end = (lines: string[]): string => lines.map((line) => `${line}\n`).join('');
        const patch = structuredPatch('f', 'f', end(old), end(now), '', '', { context: 100 });
        fc.pre(patch.hunks.length > 0);
        const { lines, cut } = parseDiff(formatPatch(patch));
        expect(cut).toBe(false);
        const side = (left: 'added' | 'removed'): string[] =>
          lines.filter(({ kind }) => kind === 'context' || kind === left).map(({ text }) => text);
        expect(side('removed')).toEqual(old);
        expect(side('added')).toEqual(now);
      }),
    );
  });
});
