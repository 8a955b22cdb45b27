import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyChanges, diffManifests, manifestDigest, manifestLine, manifestOf } from './manifest.rules.js';
import type { Manifest, ManifestEntry } from './manifest.types.js';

const content = (fill: string): string => `sha256:${fill.repeat(64)}`;
const file = (path: string, fill = 'a', mode = 0o644): ManifestEntry => ({
  path,
  type: 'file',
  mode,
  size: 1,
  sha256: content(fill),
});
const directory = (path: string, mode = 0o755): ManifestEntry => ({ path, type: 'directory', mode });
const symlink = (path: string, target: string): ManifestEntry => ({ path, type: 'symlink', mode: 0o777, target });

const paths = ['a', 'a-b', 'a/b', 'a/b/c', 'b\n', '-r', 'ü', '\u{1F600}', '\uFFFD'];
const anyEntry = fc
  .tuple(fc.constantFrom(...paths), fc.constantFrom('1', '2'), fc.constantFrom(0o644, 0o755), fc.nat(2))
  .map(([path, fill, mode, kind]) => [file(path, fill, mode), directory(path, mode), symlink(path, fill)][kind]!);
const anyManifest: fc.Arbitrary<Manifest> = fc
  .uniqueArray(anyEntry, { selector: (entry) => entry.path })
  .map((entries) => manifestOf(entries));

describe('the digest of a manifest', () => {
  test('is pinned: it is recorded and compared over years', () => {
    const manifest = manifestOf([symlink('link', '../x'), file('a\nb'), directory('dir', 0o700)]);
    expect(manifest.entries.map(manifestLine).join('')).toBe(
      `["a\\nb","file",420,"${content('a')}"]\n["dir","directory",448,null]\n["link","symlink",511,"../x"]\n`,
    );
    expect(manifest.digest).toBe('sha256:ef294927ac04aaa4019402f76ef49bf98ff5c33c13798f31aa64cb7450d76c6d');
  });

  const base = file('a');
  test.each<[string, ManifestEntry]>([
    ['path', { ...base, path: 'b' }],
    ['mode', { ...base, mode: 0o755 }],
    ['content', { ...base, sha256: content('b') }],
    ['type', directory('a', 0o644)],
    ['target', symlink('a', content('a'))],
  ])('changes with the %s', (_, other) => {
    expect(manifestDigest([other])).not.toBe(manifestDigest([base]));
  });

  test('cannot be forged by a name that looks like another line', () => {
    const forged = file(`a","file",420,"${content('a')}"]\n["b`);
    expect(manifestDigest([forged])).not.toBe(manifestDigest([file('a'), file('b')]));
  });

  test('does not depend on the order entries came in', () => {
    fc.assert(
      fc.property(anyManifest, ({ entries, digest }) => {
        expect(manifestOf([...entries].reverse())).toEqual({ entries, digest });
      }),
    );
  });
});

describe('the difference of two manifests', () => {
  test('of one with itself is empty', () => {
    fc.assert(fc.property(anyManifest, (manifest) => expect(diffManifests(manifest, manifest)).toEqual([])));
  });

  test('carried out on the first gives the second, and is sorted', () => {
    fc.assert(
      fc.property(anyManifest, anyManifest, (before, after) => {
        const changes = diffManifests(before, after);
        expect(applyChanges(before, changes)).toEqual(after);
        expect(changes.map(({ path }) => path)).toEqual(changes.map(({ path }) => path).sort());
      }),
    );
  });

  test('has one row for a change of type and every entry of a deleted directory', () => {
    const before = manifestOf([directory('d'), file('d/x'), directory('d/e'), file('t'), file('same')]);
    const after = manifestOf([symlink('t', 'x'), file('same'), file('new')]);
    expect(diffManifests(before, after).map(({ path, change }) => [path, change])).toEqual([
      ['d', 'deleted'],
      ['d/e', 'deleted'],
      ['d/x', 'deleted'],
      ['new', 'created'],
      ['t', 'modified'],
    ]);
  });

  test('sees a change of mode alone', () => {
    const [change] = diffManifests(manifestOf([file('a')]), manifestOf([file('a', 'a', 0o600)]));
    expect(change).toMatchObject({ change: 'modified', before: { mode: 0o644 }, after: { mode: 0o600 } });
  });
});
