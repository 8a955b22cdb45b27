import { describe, expect, it } from '@jest/globals';
import { sha256 } from '#kernel';
import { makeContract } from './contract.rules.js';
import type { Expectation } from './contract.types.js';
import { testOf } from './pattern.rules.js';

const make = (expectation: Expectation) =>
  makeContract({ tool: 'shell.run@v1', args_digest: sha256('x'), effect: { may: 'whole', must: [] } }, expectation);
const refusal = (expectation: Expectation): string | null => {
  try {
    make(expectation);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('an expectation that names nothing', () => {
  it.each([
    '**',
    '*',
    '?*',
    '**/*',
    '*/**',
    './**',
    './*',
    '*/*',
    '**/**',
    '**/?*',
    '{**,a}',
    '{a,**}',
    '{*,*/**}',
    '[^/]*',
    '[^x]*',
    '***',
  ])('%s is refused as expecting everything', (pattern) => {
    for (const change of ['created', 'modified', 'deleted'] as const) {
      expect(refusal({ [change]: [pattern] })).toBe('contract.expects_everything');
      expect(refusal({ must: { [change]: [pattern] } })).toBe('contract.expects_everything');
    }
  });

  it.each([
    ['two halves of all names', ['[a-zA-Z0-9]*', '[^a-zA-Z0-9]*']],
    ['first level and the rest', ['*.*', '*', 'src/**']],
    ['hidden names and the others', ['.*/**', '[^.]*/**']],
  ])('so are patterns that together name everything: %s', (_, created) => {
    expect(refusal({ created })).toBe('contract.expects_everything');
  });

  it('two kinds of change are not put together', () => {
    expect(refusal({ created: ['[a-zA-Z0-9]*'], deleted: ['[^a-zA-Z0-9]*'] })).toBeNull();
  });

  it('everything may be forbidden', () => {
    expect(refusal({ forbidden: ['**'] })).toBeNull();
  });
});

describe('an expectation that names something', () => {
  it.each([
    'src/**',
    '**/.cache/**',
    '*.log',
    'logs/*',
    '[a-z]*',
    '**/*.{js,ts}',
    'a',
    '.*',
    '**/*-*',
    'src/**/*.js',
    '\\*\\*',
  ])('%s is taken', (pattern) => expect(refusal({ created: [pattern] })).toBeNull());
});

describe('a pattern that cannot be relied on', () => {
  it.each([
    '',
    'data/[z-a]',
    '{a',
    'a\\',
    '!(keep)',
    '!(keep)/**',
    '@(a|b)',
    '+(a)',
    '(a|b)*',
    'x'.repeat(1_025),
    '**/a/**/b/**',
    '*a*a*a*a',
    '{a,b}{a,b}{a,b}{a,b}{a,b}',
  ])('%j is refused wherever it stands', (pattern) => {
    for (const expectation of [{ created: [pattern] }, { must: { deleted: [pattern] } }, { forbidden: [pattern] }]) {
      expect(refusal(expectation)).toBe('contract.pattern_invalid');
    }
  });

  it('the worst one that is taken is matched in bounded time', () => {
    const path = Array.from({ length: 15 }, () => 'a'.repeat(254)).join('/');
    const began = performance.now();
    expect(testOf({ match: 'glob', path: make({ created: ['**/*a*a*ab/**'] }).may[0]!.path })(path)).toBe(false);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

it('a pattern matches dot files, newlines, its own folder and literal characters', () => {
  const matches = (pattern: string, path: string) => testOf({ match: 'glob', path: pattern })(path);
  expect(matches('build/**', 'build')).toBe(true);
  expect(matches('b*/**', 'build')).toBe(true);
  expect(matches('build/**', 'build/.a/b\nc')).toBe(true);
  expect(matches('build/**', 'builds/x')).toBe(false);
  expect(matches('*.js', 'a/b.js')).toBe(false);
  expect(matches('!a', '!a')).toBe(true);
  expect(matches('!a', 'b')).toBe(false);
  expect(matches('a\\*b', 'a*b')).toBe(true);
  expect(matches('a\\*b', 'axb')).toBe(false);
});
