import { describe, expect, it } from '@jest/globals';
import { mergeSources, readText } from './input.rules.js';

describe('a text as its field', () => {
  it.each([
    ['7', 'number', 7],
    ['-3', 'number', -3],
    ['0.5', 'number', 0.5],
    ['007', 'number', '007'],
    ['1e3', 'number', '1e3'],
    ['0x10', 'number', '0x10'],
    ['', 'number', ''],
    [' 7', 'number', ' 7'],
    ['Infinity', 'number', 'Infinity'],
    ['true', 'boolean', true],
    ['false', 'boolean', false],
    ['yes', 'boolean', 'yes'],
    ['7', 'text', '7'],
    [['1', '2'], 'number', ['1', '2']],
  ] as const)('%j as %s', (text, kind, read) => {
    expect(readText(text, kind)).toEqual(read);
  });
});

describe('sources merged', () => {
  const kindOf = (field: string) => (field === 'after' ? 'number' : 'text');

  it('reads path and query of a request without a body', () => {
    const sources = { path: { id: 'x' }, query: { after: '5' }, body: { ignored: 1 }, hasBody: false };
    expect(mergeSources(sources, kindOf)).toEqual({ input: { id: 'x', after: 5 } });
  });

  it('reads path and body of one with a body, whose values are typed already', () => {
    const sources = { path: { id: 'x' }, query: {}, body: { after: '5' }, hasBody: true };
    expect(mergeSources(sources, kindOf)).toEqual({ input: { id: 'x', after: '5' } });
  });

  it('takes a missing body as an empty one', () => {
    expect(mergeSources({ path: { id: 'x' }, query: {}, body: undefined, hasBody: true }, kindOf)).toEqual({
      input: { id: 'x' },
    });
  });

  it.each([
    ['a path field in the body', { path: { id: 'x' }, query: {}, body: { id: 'y' }, hasBody: true }, '/id'],
    ['a path field in the query', { path: { id: 'x' }, query: { id: 'y' }, body: undefined, hasBody: false }, '/id'],
    ['a query beside a body', { path: {}, query: { 'a/b': '1' }, body: {}, hasBody: true }, '/a~1b'],
    ['a name that would be dropped', { path: {}, query: {}, body: { constructor: {} }, hasBody: true }, '/constructor'],
    ['a list as body', { path: {}, query: {}, body: [], hasBody: true }, ''],
    ['a text as body', { path: {}, query: {}, body: 'text', hasBody: true }, ''],
  ])('refuses %s', (_name, sources, path) => {
    expect(mergeSources(sources, kindOf)).toMatchObject({ problems: [{ path }] });
  });
});
