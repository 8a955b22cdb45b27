import { AppError } from './app-error.js';
import { boundedJsonPointer } from './json-pointer.js';
import type { JsonObject, JsonValue } from './json.types.js';

export interface StrictJsonOptions {
  /** Arrays and objects that may be open at once. Recursion is bounded by it; keep it below 1,000. */
  maxDepth?: number;
  /** Length limit of the document in UTF-8 bytes. */
  maxBytes?: number;
}

const DEFAULT_MAX_DEPTH = 64;
/** Integers of at most this many digits are exact without a check. */
const ALWAYS_SAFE_DIGITS = 15;
const REFUSED_MEMBER = '__proto__';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_CLOSE = 0x5d;
const LOWER_E = 0x65;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const BYTE_ORDER_MARK = 0xfeff;
/** Set in an ASCII letter's code, it makes the letter lower case. */
const LOWER_CASE_BIT = 0x20;
const SHORT_ESCAPE_LENGTH = 2;
const UNICODE_ESCAPE_LENGTH = 6;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const FOUR_HEX = /^[0-9a-fA-F]{4}$/;

/**
 * Reads one JSON document (RFC 8259) and refuses every text that two readers could understand differently: duplicate
 * member names (compared after unescaping), numbers at or beyond 2^53 in any spelling (a double keeps no fraction
 * there, so all of them are unsafe integers or infinite), lone surrogates, U+0000 (PostgreSQL's text has none), members named `__proto__`, a byte order
 * mark, and more than `maxDepth` levels. `-0` in any spelling is read as `0`: RFC 8785 writes both alike, so no two
 * values that reach the house share a digest. Everything accepted equals what `JSON.parse` returns.
 *
 * @throws AppError `json.invalid` with one located problem: the JSON Pointer of the value being read, and a message that
 * starts with line and column (both from 1, in UTF-16 code units).
 */
export function parseStrictJson(text: string, options: StrictJsonOptions = {}): JsonValue {
  const { maxBytes } = options;
  if (maxBytes !== undefined && (text.length > maxBytes || Buffer.byteLength(text) > maxBytes)) {
    throw invalidJson('', `the document is longer than ${maxBytes} bytes`);
  }
  return new StrictJsonReader(text, options.maxDepth ?? DEFAULT_MAX_DEPTH).document();
}

const invalidJson = (path: string, message: string): AppError =>
  new AppError('json.invalid', `Not valid JSON: ${message}.`, { details: { errors: [{ path, message }] } });

class StrictJsonReader {
  private at = 0;
  private depth = 0;
  /** Members and indexes that lead to the value being read. */
  private readonly path: (string | number)[] = [];

  constructor(
    private readonly text: string,
    private readonly maxDepth: number,
  ) {}

  document(): JsonValue {
    if (this.text.charCodeAt(0) === BYTE_ORDER_MARK) this.refuse('a byte order mark is not allowed');
    this.skipSpace();
    const value = this.value();
    this.skipSpace();
    if (this.at < this.text.length) this.refuse('unexpected text after the end of the document');
    return value;
  }

  private value(): JsonValue {
    const code = this.text.charCodeAt(this.at);
    if (code === QUOTE) return this.string();
    if (code === BRACE_OPEN) return this.object();
    if (code === BRACKET_OPEN) return this.array();
    if (code === MINUS || isDigit(code)) return this.number();
    if (this.skipWord('true')) return true;
    if (this.skipWord('false')) return false;
    if (this.skipWord('null')) return null;
    return this.unexpected('a value');
  }

  private object(): JsonObject {
    this.open();
    const object: JsonObject = {};
    if (this.skipSpace() === BRACE_CLOSE) return this.close(object);
    for (;;) {
      const start = this.at;
      if (this.text.charCodeAt(start) !== QUOTE) this.unexpected('a member name in double quotes');
      const name = this.string();
      this.path.push(name);
      if (name === REFUSED_MEMBER) this.refuse(`a member named ${REFUSED_MEMBER} is not allowed`, start);
      if (Object.hasOwn(object, name)) this.refuse('duplicate member name', start);
      if (this.skipSpace() !== COLON) this.unexpected('":"');
      this.at += 1;
      this.skipSpace();
      object[name] = this.value();
      this.path.pop();
      const next = this.skipSpace();
      if (next === BRACE_CLOSE) return this.close(object);
      if (next !== COMMA) this.unexpected('"," or "}"');
      this.at += 1;
      this.skipSpace();
    }
  }

  private array(): JsonValue[] {
    this.open();
    const array: JsonValue[] = [];
    if (this.skipSpace() === BRACKET_CLOSE) return this.close(array);
    for (;;) {
      this.path.push(array.length);
      array.push(this.value());
      this.path.pop();
      const next = this.skipSpace();
      if (next === BRACKET_CLOSE) return this.close(array);
      if (next !== COMMA) this.unexpected('"," or "]"');
      this.at += 1;
      this.skipSpace();
    }
  }

  private open(): void {
    this.depth += 1;
    if (this.depth > this.maxDepth) this.refuse(`nested deeper than ${this.maxDepth} levels`);
    this.at += 1;
  }

  private close<T>(value: T): T {
    this.depth -= 1;
    this.at += 1;
    return value;
  }

  /** Reads to the closing quote without copying; only a string with an escape is put together piece by piece. */
  private string(): string {
    const { text } = this;
    const start = this.at;
    let at = start + 1;
    let hasSurrogate = false;
    for (; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) return this.escapedString(start, at);
      if (code >= FIRST_SURROGATE && code <= LAST_SURROGATE) hasSurrogate = true;
      if (!(code >= SPACE)) this.refuseInString(start, at);
    }
    this.at = at + 1;
    const value = text.slice(start + 1, at);
    if (hasSurrogate && !value.isWellFormed()) this.refuse('lone surrogate in a string', start);
    return value;
  }

  private escapedString(start: number, firstEscape: number): string {
    const { text } = this;
    let value = text.slice(start + 1, firstEscape);
    let at = firstEscape;
    let plainFrom = at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        value += text.slice(plainFrom, at) + this.escape(at);
        at += text[at + 1] === 'u' ? UNICODE_ESCAPE_LENGTH : SHORT_ESCAPE_LENGTH;
        plainFrom = at;
      } else {
        if (!(code >= SPACE)) this.refuseInString(start, at);
        at += 1;
      }
    }
    value += text.slice(plainFrom, at);
    this.at = at + 1;
    if (!value.isWellFormed()) this.refuse('lone surrogate in a string', start);
    if (value.includes('\0')) this.refuse('NUL character in a string', start);
    return value;
  }

  private escape(at: number): string {
    const letter = this.text.charAt(at + 1);
    if (letter !== 'u') return ESCAPES[letter] ?? this.refuse('unknown escape in a string', at);
    const hex = this.text.slice(at + 2, at + UNICODE_ESCAPE_LENGTH);
    if (!FOUR_HEX.test(hex)) this.refuse('\\u needs four hexadecimal digits', at);
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  private refuseInString(start: number, at: number): never {
    if (at >= this.text.length) this.refuse('the string is not closed', start);
    return this.refuse('unescaped control character in a string', at);
  }

  private number(): number {
    const start = this.at;
    if (this.text.charCodeAt(start) === MINUS) this.at += 1;
    const firstDigit = this.at;
    this.skipDigits();
    if (this.text.charCodeAt(firstDigit) === ZERO && this.at > firstDigit + 1) {
      this.refuse('a number has no leading zero', start);
    }
    const integerEnd = this.at;
    if (this.text.charCodeAt(this.at) === DOT) {
      this.at += 1;
      this.skipDigits();
    }
    if ((this.text.charCodeAt(this.at) | LOWER_CASE_BIT) === LOWER_E) {
      this.at += 1;
      const sign = this.text.charCodeAt(this.at);
      if (sign === PLUS || sign === MINUS) this.at += 1;
      this.skipDigits();
    }
    const value = Number(this.text.slice(start, this.at));
    const isShortInteger = this.at === integerEnd && integerEnd - firstDigit <= ALWAYS_SAFE_DIGITS;
    if (!isShortInteger && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
      this.refuse('the number is outside ±(2^53-1); send it as a string', start);
    }
    return value === 0 ? 0 : value;
  }

  private skipDigits(): void {
    if (!isDigit(this.text.charCodeAt(this.at))) this.unexpected('a digit');
    do this.at += 1;
    while (isDigit(this.text.charCodeAt(this.at)));
  }

  /** Leaves `at` on the next character that is not white space, and answers its code (NaN at the end). */
  private skipSpace(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== SPACE && code !== LINE_FEED && code !== CARRIAGE_RETURN && code !== TAB) return code;
      this.at += 1;
    }
  }

  private skipWord(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private unexpected(wanted: string): never {
    return this.refuse(
      this.at < this.text.length ? `expected ${wanted}` : `the document ends where ${wanted} is expected`,
    );
  }

  private refuse(reason: string, at = this.at): never {
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    throw invalidJson(boundedJsonPointer(this.path), `line ${line}, column ${column}: ${reason}`);
  }
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;
