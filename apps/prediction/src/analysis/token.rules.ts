/** A piece of a text that must come from somewhere: nobody knows a reservation number by heart. */
export interface Quote {
  kind: 'email' | 'url' | 'path' | 'id' | 'number' | 'amount';
  text: string;
  /** It is supported when any of these lists was seen whole. */
  forms: string[][];
}

const MAX_TEXT = 32_768;
const EMAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g;
const URL = /\bhttps?:\/\/[^\s"'<>)\]}]{3,500}/gi;
const PATH =
  /(?<![\w/:@.])(?:~|\.{1,2})?\/?(?:[\w@+-][\w.@+-]{0,120}\/){1,20}[\w.@+-]{1,120}|(?<![\w/:@.])\/[\w.@+-]{2,120}/g;
const PHONE = /(?<![\w-])\+?\d[\d ().-]{7,20}\d(?![\w-])/g;
const DATE_OR_TIME =
  /\b\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?|\b\d{1,4}[/.]\d{1,2}[/.]\d{1,4}\b|\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m)?/gi;
const AMOUNT = /(?:[$€£]\s?|\b(?:USD|EUR|GBP) )(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,2})?(?![\w%])/g;
const ID =
  /(?<![\w@./-])(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+){0,10}(?![\w@/-])/g;
const LONG_NUMBER = /(?<![\w.,-])\d{6,20}(?![\w,]|\.\d|-\d)/g;
/** Names with digits that are nobody's identifier. */
const NOT_AN_ID =
  /^(?:\d+(?:st|nd|rd|th|[ap]m|[kmgt]i?b|ms|kg|cm|mm|px|hz|usd|eur|[xkmb])|\d+-[a-z-]+|[a-z-]+-\d{1,3}|\d+x\d+(?:x\d+)?|(?:sha|aes|md|rsa|utf|rfc|iso|http|ipv|base|tls|covid|es|html|css|win|python|version|step|h|v|top|gpt|q)[_-]?\d+\w{0,3})$/i;
const MAX_QUOTES = 64;

const clean = (token: string): string => token.toLowerCase().replace(/^[._\-/+]+|[._\-/+:]+$/g, '');
const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** Quotes of a text, each once, at most 64. Dates and times are never quotes: they are reformatted too often to be compared. */
export function quotesIn(text: string): Quote[] {
  let rest = text.slice(0, MAX_TEXT);
  const quotes = new Map<string, Quote>();
  const take = (pattern: RegExp, read: (match: RegExpMatchArray) => Quote | null): void => {
    for (const match of rest.matchAll(pattern)) {
      const quote = read(match);
      if (quote && quotes.size < MAX_QUOTES) quotes.set(`${quote.kind} ${quote.text}`, quote);
    }
    rest = rest.replace(pattern, ' ');
  };
  take(URL, ([url]) => ({ kind: 'url', text: url, forms: [[clean(url)], [clean(hostOf(url))]] }));
  take(EMAIL, ([email]) => ({ kind: 'email', text: email, forms: [[clean(email)]] }));
  take(DATE_OR_TIME, () => null);
  take(PATH, ([path]) => pathQuote(path));
  take(AMOUNT, ([amount, whole = '', fraction = '']) => ({
    kind: 'amount',
    text: amount,
    forms: [[String(Number(digitsOf(whole) + fraction))]],
  }));
  take(PHONE, ([phone]) => phoneQuote(phone));
  take(ID, ([id]) =>
    isIdentifier(id)
      ? { kind: 'id', text: id, forms: [[clean(id)], partsWithDigits(id)].filter((form) => form.length > 0) }
      : null,
  );
  take(LONG_NUMBER, ([number]) =>
    /^(?:19|20)\d{6}$|0000$/.test(number) ? null : { kind: 'number', text: number, forms: [[number]] },
  );
  return [...quotes.values()];
}

const hostOf = (url: string): string => url.replace(/^https?:\/\//i, '').split(/[/?#]/)[0] ?? '';
const partsWithDigits = (token: string): string[] =>
  clean(token)
    .split(/[_-]/)
    .filter((part) => part.length >= 3 && /\d/.test(part));

/** A path is judged by its last segment, and only if that could not be an everyday word. */
function pathQuote(path: string): Quote | null {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.+$/, '');
  if (!/[.\d]/.test(name) || !/[A-Za-z]{2}/.test(path) || /^\d/.test(path)) return null;
  return { kind: 'path', text: path, forms: [[clean(name)], [clean(path)]] };
}

function phoneQuote(phone: string): Quote | null {
  const digits = digitsOf(phone);
  if (digits.length < 9) return null;
  const groups = phone.split(/\D+/).filter((group) => group.length >= 3);
  return {
    kind: 'number',
    text: phone.trim(),
    forms: [[digits], [digits.slice(-10)], groups].filter((form) => form.length > 0),
  };
}

function isIdentifier(id: string): boolean {
  if (id.length < 6 || NOT_AN_ID.test(id)) return false;
  const digits = digitsOf(id).length;
  return digits >= 3 || (/^[A-Z0-9]{6,10}$/.test(id) && digits >= 1);
}

/**
 * Everything in a text that could support a later quote, normalised. Wider than `quotesIn`: what is learned too much only
 * lets a quote pass.
 */
export function supportIn(text: string): Set<string> {
  const support = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}@._+/:-]+/gu)) {
    if (word.length > 600 || !/[\d@/.]/.test(word)) continue;
    const whole = clean(word);
    if (whole.length < 2) continue;
    support.add(whole);
    if (/[/@_:-]/.test(whole))
      for (const part of whole.split(/[/@_:-]+/))
        if (part.length >= 2 && /[\d.]/.test(part)) support.add(part.replace(/\.$/, ''));
  }
  for (const [number] of text.matchAll(/\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?/g))
    support.add(String(Number(number.replaceAll(',', ''))));
  for (const [digits] of text.matchAll(/\d{2,20}/g)) support.add(digits);
  for (const [phone] of text.matchAll(PHONE)) {
    support.add(digitsOf(phone));
    support.add(digitsOf(phone).slice(-10));
  }
  return support;
}

/** Numbers with a decimal part or at least two digits, in order; for checking sums. */
export const amountsIn = (text: string): number[] =>
  [
    ...text.matchAll(
      /(?<![\w.-])\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?![\w.-])|(?<![\w.:-])\d{2,7}(?:\.\d{1,2})?(?![\w:-])/g,
    ),
  ].map(([number]) => Number(number.replaceAll(',', '')));

/** All strings and numbers of a JSON value as one text, one per line; keys included, because agents quote them. */
export function textOf(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object' || depth > 16) return '';
  if (Array.isArray(value)) return value.map((item) => textOf(item, depth + 1)).join('\n');
  return Object.entries(value)
    .map(([key, item]) => `${key} ${textOf(item, depth + 1)}`)
    .join('\n');
}
