import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAppError } from './app-error.js';
import { canonicalJson } from './canonical-json.js';
import { parseStrictJson } from './strict-json.js';

const refusal = (value: unknown) => {
  try {
    canonicalJson(value);
  } catch (error) {
    if (isAppError(error)) return { code: error.code, errors: error.details?.errors };
    throw error;
  }
  throw new Error('accepted');
};

const double = (bits: string): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
};

describe('RFC 8785', () => {
  it('section 3.2.2: primitives', () => {
    const input = `{
      "numbers": [333333333.33333329, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(parseStrictJson(input))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('section 3.2.3: member order by UTF-16 code units', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const values = [...canonicalJson(input).matchAll(/:"([^"]*)"/g)].map(([, value]) => value);
    expect(values).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: %s is %s', (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });

  it.each([
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
  ])('appendix B beyond 2^53 is refused here: %s (%s)', (bits, text) => {
    expect(String(double(bits))).toBe(text);
    expect(refusal(double(bits)).code).toBe('json.not_canonical');
  });
});

describe('what has no canonical text', () => {
  const cycle: Record<string, unknown> = { a: {} };
  (cycle.a as Record<string, unknown>).b = [cycle];
  const deep = JSON.parse('['.repeat(600) + ']'.repeat(600)) as unknown;

  it.each([
    ['undefined', undefined, '', 'undefined is not a JSON value'],
    ['undefined in an array', { a: [1, undefined] }, '/a/1', 'undefined is not a JSON value'],
    ['a hole in an array', [1, , 2], '/1', 'undefined is not a JSON value'],
    ['a function', { a: () => 1 }, '/a', 'function is not a JSON value'],
    ['a symbol', [Symbol('a')], '/0', 'symbol is not a JSON value'],
    ['a bigint', 1n, '', 'bigint is not a JSON value'],
    ['NaN', { a: NaN }, '/a', 'NaN is not a JSON number'],
    ['an infinity', [-Infinity], '/0', '-Infinity is not a JSON number'],
    ['an unsafe integer', 2 ** 53, '', 'the number is outside ±(2^53-1)'],
    ['a lone surrogate', ['\ud83d'], '/0', 'lone surrogate in a string'],
    ['a lone surrogate in a name', { a: { '\ude00': 1 } }, '/a', 'lone surrogate in a string'],
    ['a cycle', cycle, '/a/b/0', 'the value contains itself'],
    ['600 levels', deep, '/0'.repeat(256), 'nested deeper than 512 levels'],
    ['a date', { at: new Date(0) }, '/at', 'the object is not plain data'],
    ['a map', new Map([['a', 1]]), '', 'the object is not plain data'],
    ['a buffer', [Buffer.from('a')], '/0', 'the object is not plain data'],
    ['bytes', new Uint8Array(1), '', 'the object is not plain data'],
    ['an object with toJSON', { toJSON: () => 1 }, '', 'the object is not plain data'],
  ])('%s', (_situation, value, path, message) => {
    expect(refusal(value)).toEqual({ code: 'json.not_canonical', errors: [{ path, message }] });
  });
});

describe('the text of a value', () => {
  it('leaves undefined members out and reads class instances by their fields', () => {
    class Point {
      y = 2;
      x = 1;
      z = undefined;
      get length(): number {
        return 3;
      }
    }
    expect(canonicalJson({ b: undefined, a: new Point() })).toBe('{"a":{"x":1,"y":2}}');
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  });

  it('may hold one object twice', () => {
    const shared = { a: 1 };
    expect(canonicalJson([shared, shared])).toBe('[{"a":1},{"a":1}]');
  });

  it('reads back as the value, and is a fixed point', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(isWithin(value));
        const text = canonicalJson(value);
        expect(parseStrictJson(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(parseStrictJson(text))).toBe(text);
      }),
    );
  });
});

const isWithin = (value: unknown): boolean => {
  try {
    parseStrictJson(JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
};
