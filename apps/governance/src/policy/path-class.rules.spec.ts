import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classifyPaths, pathRuleProblem, segmentsOf } from './path-class.rules.js';

const rules = [
  { pattern: 'data/**', class: 'protected' },
  { pattern: '**/.git/**', class: 'vcs' },
  { pattern: '**/.env*/**', class: 'secret' },
  { pattern: 'conf/*-prod.*.yaml', class: 'secret' },
];

describe('classes of a path', () => {
  it.each([
    ['src/a.ts', []],
    ['data', ['protected']],
    ['data/a/b', ['protected']],
    ['./data//a', ['protected']],
    ['DATA/a', ['protected']],
    ['data/a\nb', ['protected']],
    ['src/data/a', []],
    ['database', []],
    ['.git', ['vcs']],
    ['a/b/.git/HEAD', ['vcs']],
    ['.gitignore', []],
    ['.env', ['secret']],
    ['a/.env.local', ['secret']],
    ['data/.env', ['protected', 'secret']],
    ['environment', []],
    ['conf/eu-prod.1.yaml', ['secret']],
    ['conf/-prod.yaml', []],
    ['.', ['root']],
    ['', ['root']],
    ['./', ['root']],
    ['/etc/passwd', ['outside']],
    ['..', ['outside']],
    ['a/../b', ['outside']],
    ['a\0b', ['outside']],
    ['...', []],
  ])('%j', (path, classes) => {
    expect(classifyPaths([path], rules)).toEqual(classes);
  });

  it('of several paths are all of theirs, each once', () => {
    expect(classifyPaths(['data/a', 'data/b', '.git', 'x'], rules)).toEqual(['protected', 'vcs']);
    expect(classifyPaths([], rules)).toEqual([]);
  });

  const segment = fc.constantFrom('a', 'b', 'ab', 'ba', '.env', 'aXb', '\n');
  it('are those a regular expression gives', () => {
    const part = fc.constantFrom('a', '*', 'a*', '*b', 'a*b', '**');
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(segment, { minLength: 1, maxLength: 5 }),
        (pattern, path) => {
          const source = pattern
            .map((text) => (text === '**' ? '(?:[^/]+/)*' : `${text.replaceAll('*', '[^/]*')}/`))
            .join('');
          const expected = new RegExp(`^${source}$`, 'i').test(`${path.join('/')}/`) ? ['vcs'] : [];
          expect(classifyPaths([path.join('/')], [{ pattern: pattern.join('/'), class: 'vcs' }])).toEqual(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('do not depend on how the same path is written', () => {
    const noise = fc.constantFrom('', '.', './.', '/');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1 }), noise, (path, extra) => {
        expect(classifyPaths([path.join(`/${extra}/`)], rules)).toEqual(classifyPaths([path.join('/')], rules));
      }),
    );
  });

  it('are found in time for a hostile pattern and path', () => {
    const hostile = [{ pattern: `${'**/'.repeat(200)}z*z*z*z*z`, class: 'vcs' }];
    const path = `${'zz/'.repeat(500)}${'z'.repeat(2000)}y`;
    expect(classifyPaths([path], hostile)).toEqual([]);
  });
});

describe('a rule', () => {
  const classes = new Set(['outside', 'root', 'vcs']);
  it.each([
    [{ pattern: 'a/**', class: 'vcs' }, null],
    [{ pattern: 'a/**', class: 'secret' }, /not a PathClass/],
    [{ pattern: 'a/**', class: 'outside' }, /found by the engine/],
    [{ pattern: '/a', class: 'vcs' }, /plain path/],
    [{ pattern: 'a/../b', class: 'vcs' }, /plain path/],
    [{ pattern: 'a//b', class: 'vcs' }, /plain path/],
    [{ pattern: '', class: 'vcs' }, /plain path/],
    [{ pattern: 'a/x**', class: 'vcs' }, /whole segment/],
    [{ pattern: '*.{a,b}', class: 'vcs' }, /only "\*"/],
  ])('%j', (rule, problem) => {
    const found = pathRuleProblem(rule, classes);
    if (problem) expect(found).toMatch(problem);
    else expect(found).toBeNull();
  });
});

it('a path that may leave the workspace has no segments', () => {
  expect(segmentsOf('a/./b//')).toEqual(['a', 'b']);
  expect(segmentsOf('a/..')).toBeNull();
});
