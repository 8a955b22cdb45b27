import { describe, expect, it } from '@jest/globals';
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { unifiedDiff } from './unified-diff.js';

const PEM = [
  '-----BEGIN RSA PRIVATE KEY-----',
  'MIIEpAIBAAKCAQEA',
  '+/x=',
  'AAAA',
  'BBBB',
  '-----END RSA PRIVATE KEY-----',
];
const lines = (count: number, of: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${of(i)}\n`).join('');

describe('a unified diff', () => {
  it('shows what differs with three lines around it', () => {
    const before = lines(9, String);
    expect(unifiedDiff('a/b.txt', before, before.replace('4', 'four'))).toEqual({
      text: '--- a/b.txt\n+++ a/b.txt\n@@ -2,7 +2,7 @@\n 1\n 2\n 3\n-4\n+four\n 5\n 6\n 7\n',
      notes: [],
    });
  });

  it.each<[string, string | null, string | null, string]>([
    ['a new file', null, 'a\nb\n', '--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n'],
    [
      'a new file without a last line feed',
      null,
      'a',
      '--- /dev/null\n+++ f\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n',
    ],
    ['a removed file', 'a\n', null, '--- f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n'],
    ['a new empty file', null, '', '--- /dev/null\n+++ f\n'],
    ['an emptied file', 'a\n', '', '--- f\n+++ f\n@@ -1 +0,0 @@\n-a\n'],
    ['line ends', 'a\r\n', 'a\n', '--- f\n+++ f\n@@ -1 +1 @@\n-a\r\n+a\n'],
  ])('of %s', (_name, before, after, text) => {
    expect(unifiedDiff('f', before, after)).toEqual({ text, notes: [] });
  });

  it('of any two texts, also of those too long for the least edit, leads from one to the other', () => {
    const text = fc
      .array(fc.constantFrom('a\n', 'b\n', '\n', 'c\r\n', 'd'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    const filler = lines(10_001, () => 'same');
    fc.assert(
      fc.property(text, text, fc.constantFrom('', filler), (before, after, rest) => {
        const { text: patch } = unifiedDiff('f', before + rest, after + rest);
        expect(applyPatch(before + rest, patch)).toBe(after + rest);
      }),
      { seed: 11 },
    );
  });

  it('of very many lines is cut on a line, and says so', () => {
    const { text, notes } = unifiedDiff(
      'f',
      lines(100_000, (i) => `a${i}`),
      lines(100_000, (i) => `b${i}`),
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(32 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(32 * 1024 - 20);
    expect(text).toMatch(/\n-a\d+\n$/);
    expect(notes).toEqual([`The diff is cut: ${text.split('\n').length - 4} of 200000 lines are shown.`]);
  });

  it('of a line without end shows its beginning, and says so', () => {
    const { text, notes } = unifiedDiff('f', null, 'x'.repeat(200_000));
    expect(text).toContain(`+${'x'.repeat(4_096)}… (200000 characters)\n`);
    expect(notes).toEqual(['Long lines are cut: 1.']);
  });
});

describe('a secret in a diff', () => {
  it('is redacted in every kind of line, and still seen to change', () => {
    const before = 'mail=ada@example.org\nDB_PASSWORD=hunter2\n';
    const { text } = unifiedDiff('f', before, before.replace('hunter2', 'hunter3'));
    expect(text).toBe(
      '--- f\n+++ f\n@@ -1,2 +1,2 @@\n mail=[redacted:email]\n-DB_PASSWORD=[redacted:secret]\n+DB_PASSWORD=[redacted:secret]\n',
    );
  });

  it('keeps the sign of a line that begins with it', () => {
    expect(unifiedDiff('f', null, 'ada@example.org\n').text).toContain('\n+[redacted:email]\n');
  });

  it.each([
    ['changes', PEM.join('\n'), PEM.join('\n').replace('BBBB', 'CCCC')],
    ['is new', '', PEM.join('\n')],
    ['never ends', '', PEM.slice(0, -1).join('\n')],
    ['is only context', `${PEM.join('\n')}\na\n`, `${PEM.join('\n')}\nb\n`],
  ])('is redacted where a key of several lines %s, also in hunks that begin inside it', (_name, before, after) => {
    const { text } = unifiedDiff('f', before, after);
    expect(text).toContain('[redacted:private_key]');
    for (const line of PEM) expect(text).not.toContain(line);
  });

  it('that is a key leaves what follows the key readable', () => {
    const { text } = unifiedDiff('f', null, [...PEM, 'after', `x = "${PEM.join('\\n')}"`, 'last'].join('\n'));
    expect(text).toMatch(/\n\+after\n\+.*redacted.*\n\+last\n/);
  });

  it('is redacted in the name of the file', () => {
    expect(unifiedDiff('of/ada@example.org', null, 'a').text).toContain('+++ of/[redacted:email]\n');
  });
});

describe('a hostile text in a diff', () => {
  it('is kept as it is, and what deceives the eye is noted', () => {
    const markup = '<script>alert(1)</script> & "quotes"';
    expect(unifiedDiff('f', null, `${markup}\n`)).toMatchObject({
      text: expect.stringContaining(`+${markup}\n`),
      notes: [],
    });
    for (const deceptive of ['\u001b[2K\u001b[1A', '\u202ebidi\u202c', 'a\rb']) {
      const { text, notes } = unifiedDiff('f', null, `${deceptive}\n`);
      expect(text).toContain(`+${deceptive}\n`);
      expect(notes).toEqual(['It has control characters or marks that turn the direction of text.']);
    }
  });

  it('cannot add a line by the name of its file', () => {
    const { text } = unifiedDiff('a\n+++ b', null, 'x\n');
    expect(text.split('\n')).toEqual(['--- /dev/null', '+++ "a\\n+++ b"', '@@ -0,0 +1 @@', '+x', '']);
  });

  it('of hundreds of thousands of line feeds takes no time worth mentioning', () => {
    const began = performance.now();
    unifiedDiff('f', '\n'.repeat(262_144), 'x\n'.repeat(131_072));
    unifiedDiff('f', '\n'.repeat(262_144), null);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
