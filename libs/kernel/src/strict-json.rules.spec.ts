import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAppError } from './app-error.js';
import type { JsonValue } from './json.types.js';
import { parseStrictJson, type StrictJsonOptions } from './strict-json.js';

const refusal = (text: string, options?: StrictJsonOptions) => {
  try {
    parseStrictJson(text, options);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { code: error.code, errors: error.details?.errors };
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
};

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('what a strict reader refuses', () => {
  it.each([
    ['an empty document', '', '', 'line 1, column 1: the document ends where a value is expected'],
    ['white space only', ' \n ', '', 'line 2, column 2: the document ends where a value is expected'],
    ['a byte order mark', '\uFEFF{}', '', 'line 1, column 1: a byte order mark is not allowed'],
    ['trailing text', '{} x', '', 'line 1, column 4: unexpected text after the end of the document'],
    ['a second document', '1 2', '', 'line 1, column 3: unexpected text after the end of the document'],
    ['an unknown word', '{"a": nul}', '/a', 'line 1, column 7: expected a value'],
    ['a word with a tail', '[true1]', '', 'line 1, column 6: expected "," or "]"'],
    ['upper-case words', 'TRUE', '', 'line 1, column 1: expected a value'],
    ['single quotes', "{'a': 1}", '', 'line 1, column 2: expected a member name in double quotes'],
    ['a bare member name', '{a: 1}', '', 'line 1, column 2: expected a member name in double quotes'],
    ['no colon', '{"a" 1}', '/a', 'line 1, column 6: expected ":"'],
    ['a comma before }', '{"a": 1,}', '', 'line 1, column 9: expected a member name in double quotes'],
    ['a comma before ]', '[1,]', '/1', 'line 1, column 4: expected a value'],
    ['two commas', '[1,,2]', '/1', 'line 1, column 4: expected a value'],
    ['no comma', '[1 2]', '', 'line 1, column 4: expected "," or "]"'],
    ['no comma between members', '{"a":1 "b":2}', '', 'line 1, column 8: expected "," or "}"'],
    ['the wrong bracket', '[1}', '', 'line 1, column 3: expected "," or "]"'],
    ['an open object', '{"a": 1', '', 'line 1, column 8: the document ends where "," or "}" is expected'],
    ['an open array', '[1', '', 'line 1, column 3: the document ends where "," or "]" is expected'],
    ['a comment', '{"a": 1 /* one */}', '', 'line 1, column 9: expected "," or "}"'],
    ['an open string', '{"a": "b', '/a', 'line 1, column 7: the string is not closed'],
    ['an open string after an escape', '["\\n', '/0', 'line 1, column 2: the string is not closed'],
    ['a string ending in a backslash', '"\\', '', 'line 1, column 2: unknown escape in a string'],
    ['a line feed in a string', '["a\nb"]', '/0', 'line 1, column 4: unescaped control character in a string'],
    ['a NUL after an escape', '"\\t\u0000"', '', 'line 1, column 4: unescaped control character in a string'],
    ['an unknown escape', '"\\x41"', '', 'line 1, column 2: unknown escape in a string'],
    ['short hexadecimal digits', '"\\u00g0"', '', 'line 1, column 2: \\u needs four hexadecimal digits'],
    ['a cut \\u', '"\\u00"', '', 'line 1, column 2: \\u needs four hexadecimal digits'],
    ['a lone high surrogate', '{"a": "\uD83D"}', '/a', 'line 1, column 7: lone surrogate in a string'],
    ['a lone low surrogate', '"\uDE00"', '', 'line 1, column 1: lone surrogate in a string'],
    ['a NUL character', '["a\\u0000b"]', '/0', 'line 1, column 2: NUL character in a string'],
    ['an escaped lone surrogate', '["\\ud83d"]', '/0', 'line 1, column 2: lone surrogate in a string'],
    ['surrogates in the wrong order', '"\\ude00\\ud83d"', '', 'line 1, column 1: lone surrogate in a string'],
    ['a lone surrogate in a name', '{"a": {"\\ud83d": 1}}', '/a', 'line 1, column 8: lone surrogate in a string'],
    ['a duplicate member', '{"a": 1,\n "b": {"c": 1, "c": 1}}', '/b/c', 'line 2, column 16: duplicate member name'],
    ['an escaped duplicate', '{"a": 1, "\\u0061": 2}', '/a', 'line 1, column 10: duplicate member name'],
    ['a duplicate with / and ~', '{"a/~": 1, "a\\/~": 2}', '/a~1~0', 'line 1, column 12: duplicate member name'],
    ['__proto__', '{"__proto__": 1}', '/__proto__', 'line 1, column 2: a member named __proto__ is not allowed'],
    [
      'an escaped __proto__',
      '[{"\\u005f_proto_\\u005F": {}}]',
      '/0/__proto__',
      'line 1, column 3: a member named __proto__ is not allowed',
    ],
    ['a leading zero', '{"a": 01}', '/a', 'line 1, column 7: a number has no leading zero'],
    ['a negative leading zero', '-012', '', 'line 1, column 1: a number has no leading zero'],
    ['a plus sign', '+1', '', 'line 1, column 1: expected a value'],
    ['a bare minus', '-', '', 'line 1, column 2: the document ends where a digit is expected'],
    ['a minus before a word', '-Infinity', '', 'line 1, column 2: expected a digit'],
    ['NaN', 'NaN', '', 'line 1, column 1: expected a value'],
    ['no digit before the dot', '.5', '', 'line 1, column 1: expected a value'],
    ['no digit after the dot', '[1.]', '/0', 'line 1, column 4: expected a digit'],
    ['no exponent', '1e', '', 'line 1, column 3: the document ends where a digit is expected'],
    ['no digit after the sign', '1e+x', '', 'line 1, column 4: expected a digit'],
    ['a hexadecimal number', '0x10', '', 'line 1, column 2: unexpected text after the end of the document'],
  ])('%s', (_situation, text, path, message) => {
    const { code, errors } = refusal(text);
    expect(code).toBe('json.invalid');
    expect(errors).toEqual([{ path, message }]);
  });

  it.each(['9007199254740992', '9007199254740993', '-9007199254740993', '9007199254740993.0', '9007199254740992.5'])(
    'an integer a double does not hold alone: %s',
    (number) => {
      expect(refusal(`{"a": [${number}]}`).errors).toEqual([
        { path: '/a/0', message: 'line 1, column 8: the number is outside ±(2^53-1); send it as a string' },
      ]);
    },
  );

  it.each(['1e16', '9007199254740993e0', '90071992547409930E-1', '1e400', '-1e400', '1e999999999', '9'.repeat(400)])(
    'the same in another spelling: %s',
    (number) => {
      expect(refusal(number).errors?.[0]?.message).toContain('outside ±(2^53-1)');
    },
  );

  it('more levels than allowed, and accepts exactly as many', () => {
    expect(parseStrictJson(nested(64))).toEqual(JSON.parse(nested(64)));
    expect(refusal(nested(65)).errors?.[0]?.message).toBe('line 1, column 65: nested deeper than 64 levels');
    expect(parseStrictJson('[{"a":[]}]', { maxDepth: 3 })).toEqual([{ a: [] }]);
    expect(refusal('[{"a":[]}]', { maxDepth: 2 }).errors?.[0]?.path).toBe('/0/a');
    expect(parseStrictJson(`[${'[],{},'.repeat(200)}0]`)).toHaveLength(401);
  });

  it.each(['[', '{"a":', '[{"a":'])('a million bytes of %s, without overflowing the stack', (opening) => {
    const text = opening.repeat(Math.ceil(1_000_000 / opening.length));
    expect(refusal(text).errors?.[0]?.message).toContain('nested deeper than 64 levels');
  });

  it('more bytes than allowed, counted in UTF-8', () => {
    expect(parseStrictJson('"é"', { maxBytes: 4 })).toBe('é');
    expect(refusal('"é"', { maxBytes: 3 }).errors).toEqual([
      { path: '', message: 'the document is longer than 3 bytes' },
    ]);
  });

  it('a hostile member name, without echoing it', () => {
    const name = 'n'.repeat(100_000);
    const { errors } = refusal(`{"a": {"${name}": 1, "${name}": 2}}`);
    expect(errors?.[0]?.path).toBe('/a');
  });
});

describe('what a strict reader returns', () => {
  it.each(['-0', '-0.0', '-0e5', '-1e-400', '0.0', '1e-400'])('%s is read as 0', (text) => {
    expect(Object.is(parseStrictJson(text), 0)).toBe(true);
  });

  it.each(['9007199254740991', '-9007199254740991', '9007199254740991.0', '1e15', '0.1', '5e-324', '123456789012345'])(
    '%s is kept',
    (text) => {
      expect(parseStrictJson(text)).toBe(Number(text));
    },
  );

  it('names every object inherits are ordinary members', () => {
    const text = '{"constructor": 1, "prototype": 2, "toString": 3, "hasOwnProperty": 4, "": 5, "0": 6}';
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it('every escape, and a surrogate pair spelt in halves', () => {
    const text = String.raw`"\"\\\/\b\f\n\r\t\u00e9\u20AC \ud83d\ude00 \ud83d` + '\ude00"';
    expect(parseStrictJson(text)).toBe(JSON.parse(text));
  });

  it('the same as JSON.parse, for every document in every spelling of white space', () => {
    fc.assert(
      fc.property(jsonValue, fc.constantFrom(undefined, 1, '\t', ' \n'), (value, space) => {
        const text = JSON.stringify(value, null, space).replaceAll('\\u0000', ' ');
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 400 },
    );
  });

  it('never more than JSON.parse accepts, for texts near the grammar', () => {
    const piece = fc.constantFrom(
      ...'{}[],:"\\ \n-+.eE0123456789tfnu'.split(''),
      'true',
      'null',
      '"a"',
      '"b":',
      '\\u00',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const ours = outcome(() => parseStrictJson(text));
        const theirs = outcome(() => JSON.parse(text) as JsonValue);
        if (ours.accepted) expect(theirs).toEqual({ accepted: true, value: normalZero(ours.value) });
        else if (theirs.accepted) expect(ours.reason).toMatch(/duplicate|outside ±|lone surrogate/);
      }),
      { numRuns: 5_000 },
    );
  });
});

type Outcome = { accepted: true; value: JsonValue } | { accepted: false; reason: string };

const outcome = (read: () => JsonValue): Outcome => {
  try {
    return { accepted: true, value: normalZero(read()) };
  } catch (error) {
    return { accepted: false, reason: String(error) };
  }
};

const normalZero = (value: JsonValue): JsonValue =>
  JSON.parse(JSON.stringify(value), (_name, member: JsonValue) => (member === 0 ? 0 : member)) as JsonValue;

const text = fc.string({ unit: 'binary' }).filter((candidate) => candidate !== '__proto__' && candidate.isWellFormed());
const { value: jsonValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<JsonValue>(null, true, false, 0),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 }),
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
