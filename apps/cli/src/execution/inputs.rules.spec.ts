import { describe, expect, it } from '@jest/globals';
import { parseInputs } from './inputs.rules.js';

describe('inputs', () => {
  it.each<[string, unknown]>([
    ['a=5', 5],
    ['a=0.5', 0.5],
    ['a=true', true],
    ['a=null', null],
    ['a=["dist","out"]', ['dist', 'out']],
    ['a={"b":1}', { b: 1 }],
    ['a="5"', '5'],
    ['a=dist', 'dist'],
    ['a=', ''],
    ['a=b=c', 'b=c'],
    ['a=007', '007'],
    ['a=12345678901234567890', '12345678901234567890'],
  ])('%s', (text, value) => {
    expect(parseInputs([text])).toEqual({ a: value });
  });

  it('may be many', () => {
    expect(parseInputs(['keep_lines=5', 'build-folders=[]'])).toEqual({ keep_lines: 5, 'build-folders': [] });
  });

  it('of a strange name stay an input of that name', () => {
    const inputs = parseInputs(['__proto__={"x":1}']);
    expect(Object.keys(inputs)).toEqual(['__proto__']);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it.each([[['a']], [['=5']], [['a b=5']], [['a=1', 'a=2']]])('%j are refused', (texts) => {
    expect(() => parseInputs(texts)).toThrow(/--input/);
  });
});
