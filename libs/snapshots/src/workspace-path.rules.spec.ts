import { describe, expect, test } from '@jest/globals';
import { AppError } from '#kernel';
import { isTemporaryName, maxDepth, pathParts, placementOf, temporaryNameFor } from './workspace-path.rules.js';

describe('a path relative to a workspace', () => {
  test.each([
    ['a', ['a']],
    ['a/b.txt', ['a', 'b.txt']],
    ['.git/config', ['.git', 'config']],
    ['-rf', ['-rf']],
    ['line\nbreak', ['line\nbreak']],
    ['back\\slash', ['back\\slash']],
    ['..a/...', ['..a', '...']],
  ])('%j is accepted', (path, parts) => expect(pathParts(path)).toEqual(parts));

  test.each([
    ['', 'is empty'],
    ['/etc/passwd', 'is absolute'],
    ['..', 'contains ".."'],
    ['a/../../b', 'contains ".."'],
    ['a/..', 'contains ".."'],
    ['a\0b', 'contains a NUL character'],
    ['.', 'contains an empty or "." component'],
    ['./a', 'contains an empty or "." component'],
    ['a//b', 'contains an empty or "." component'],
    ['a/', 'contains an empty or "." component'],
    ['a\uD800', 'is not well-formed Unicode'],
    ['ü'.repeat(128), 'has a name longer than 255 bytes'],
    [
      Array(maxDepth + 1)
        .fill('a')
        .join('/'),
      `has more than ${maxDepth} components`,
    ],
    [Array(30).fill('x'.repeat(200)).join('/'), 'is longer than 4096 bytes'],
  ])('%j is refused', (path, problem) => {
    const refused = () => pathParts(path);
    expect(refused).toThrow(AppError);
    expect(refused).toThrow(problem);
    expect(refused).toThrow(expect.objectContaining({ code: 'workspace.path_invalid', details: { path } }));
  });
});

describe('a folder', () => {
  const place = (folder: string) => placementOf(folder, ['/srv/work', '/opt'], ['/srv/work/data']);
  test.each([
    ['/srv/work/app', 'allowed'],
    ['/opt', 'allowed'],
    ['/srv/work/data2', 'allowed'],
    ['/srv/works', 'workspace.outside_roots'],
    ['/etc', 'workspace.outside_roots'],
    ['/srv/work/data', 'workspace.refused'],
    ['/srv/work/data/x', 'workspace.refused'],
    ['/srv/work', 'workspace.refused'],
    ['/', 'workspace.refused'],
  ])('%s is %s', (folder, placement) => expect(place(folder)).toBe(placement));

  test('/ is refused even where it is a root', () => {
    expect(placementOf('/', ['/'], [])).toBe('workspace.refused');
    expect(placementOf('/anything', ['/'], [])).toBe('allowed');
  });
});

test('only the reserved form is a temporary name', () => {
  expect(isTemporaryName(temporaryNameFor('0198a5f0-0000-7000-8000-000000000000'))).toBe(true);
  expect(isTemporaryName('.spectrace-notes.tmp')).toBe(false);
});
