export type RedactionKind = 'private_key' | 'authorization' | 'jwt' | 'api_key' | 'secret' | 'email' | 'card_number';

/**
 * What a kind looks like. Named groups narrow the match: `keep` is text before the secret that stays readable, `local`
 * is text before the match (seen by a lookbehind) that goes too.
 *
 * Every pattern takes time linear in the text. It starts only where a run of its characters starts, or looks at a
 * bounded number of characters, or cannot fail once it has started; and the parts of a repetition share no first
 * character, so there is one way only to match a text.
 */
export interface RedactionPattern {
  kind: RedactionKind;
  pattern: RegExp;
  /** Where the secret ends that starts at `from`, for kinds whose end no short pattern finds. */
  end?: (text: string, from: number) => number;
  /** A last look at what the pattern found; false leaves it as it is. */
  accept?: (secret: string) => boolean;
}

const MARKER = /^\[redacted:[a-z_]+\]$/;
const MARKER_BEFORE_PUNCTUATION = /^\[redacted:[a-z_]+\][;,.)}\]]*$/;
const QUOTE = /^\\?["']/;
/** Words that follow `token:` in programs and manuals and are no secret. */
const PLACEHOLDER = /^(?:string|number|boolean|any|null|undefined|none|true|false|required|optional)[;,.)}\]]*$/i;

const SECRET_NAMES = [
  'pass(?:word|wd|phrase)',
  'pwd',
  'secret(?:[_-]?(?:key|value))?',
  'token',
  '(?:api|access|private)[_-]?key',
  'credentials?',
].join('|');

/** At least `min` characters, all that follow. Spelt so, a run of any length costs the matcher no stack. */
const run = (characters: string, min: number): string => `[${characters}]{${min}}[${characters}]*`;

const API_KEYS = [
  `sk-${run('A-Za-z0-9_-', 20)}`, // OpenAI, Anthropic
  `gh[pousr]_${run('A-Za-z0-9', 20)}|github_pat_${run('A-Za-z0-9_', 20)}`,
  `glpat-${run('A-Za-z0-9_-', 20)}|npm_${run('A-Za-z0-9', 30)}`,
  '(?:AKIA|ASIA)[A-Z0-9]{16}[A-Za-z0-9]*', // AWS
  `xox[abeoprs]-${run('A-Za-z0-9-', 10)}|xapp-${run('A-Za-z0-9-', 10)}`, // Slack
  `st_[a-z0-9]{1,16}_[A-Za-z0-9-]{6,64}_${run('A-Za-z0-9_-', 16)}`, // SpecTrace
  `[srp]k_(?:live|test)_${run('A-Za-z0-9', 10)}|whsec_${run('A-Za-z0-9+/=', 16)}`, // Stripe
  `AIza${run('A-Za-z0-9_-', 30)}`, // Google
].join('|');

/** How far a quoted text inside a quoted text is looked for, in characters. */
const NESTED_QUOTE_REACH = 1_024;
const BARE_VALUE_END = /[\s&]|["'](?!\w)/g;
const QUOTED_VALUE_STOP = /\\[^\r\n]|["'\r\n]/g;

/** Where an assigned value ends: after its closing quote, or, bare or never closed, before a space, `&` or quote. */
function assignedEnd(text: string, from: number): number {
  const quote = quoteOf(text.slice(from, from + 2));
  const closed = quote === '' ? undefined : closingQuoteEnd(text, from + quote.length, quote);
  if (closed !== undefined) return closed;
  BARE_VALUE_END.lastIndex = from + quote.length;
  return BARE_VALUE_END.exec(text)?.index ?? text.length;
}

function closingQuoteEnd(text: string, from: number, quote: string): number | undefined {
  if (quote.length > 1) {
    const [line = ''] = text.slice(from, from + NESTED_QUOTE_REACH).split(/[\r\n]/, 1);
    const at = line.indexOf(quote);
    return at < 0 ? undefined : from + at + quote.length;
  }
  QUOTED_VALUE_STOP.lastIndex = from;
  for (let stop = QUOTED_VALUE_STOP.exec(text); stop; stop = QUOTED_VALUE_STOP.exec(text)) {
    if (stop[0] === quote) return stop.index + 1;
    if (stop[0] === '\n' || stop[0] === '\r') return undefined;
  }
  return undefined;
}

const KEY_END = /-----END [A-Z0-9 ]{0,60}-----/y;

/** A key cut short goes to the end of the text: an unclosed key is still a key. */
function privateKeyEnd(text: string, from: number): number {
  const at = text.indexOf('-----END ', from);
  if (at < 0) return text.length;
  KEY_END.lastIndex = at;
  return KEY_END.test(text) ? KEY_END.lastIndex : at;
}

export const isMarker = (text: string): boolean => MARKER.test(text);

/** The opening quote of an assigned value, or ''. */
export const quoteOf = (secret: string): string => QUOTE.exec(secret)?.[0] ?? '';

const isAssignedSecret = (secret: string): boolean => {
  const inner = secret.replace(/^\\?["']|\\?["']$/g, '');
  return inner !== '' && !MARKER_BEFORE_PUNCTUATION.test(inner) && !PLACEHOLDER.test(inner);
};

const notMarker = (secret: string): boolean => !isMarker(secret);

/** Number lengths by the issuers' first digits (ISO/IEC 7812): Visa, Mastercard, American Express, Diners, JCB, others. */
const CARD =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|(?:5[06-8]|6\d)\d{11,17})$/;

function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!CARD.test(digits)) return false;
  // The Luhn check: from the right every second digit doubled, digits of the products added.
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** In order: what may contain another kind comes first. */
export const REDACTION_PATTERNS: readonly RedactionPattern[] = [
  {
    kind: 'private_key',
    pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g,
    end: privateKeyEnd,
  },
  {
    kind: 'authorization',
    pattern:
      /(?<keep>authorization\\?["']?[ \t]{0,8}[:=][ \t]{0,8}\\?["']?(?:(?:bearer|basic|token)[ \t]{1,8})?)[^\s"'\\,;]+/gi,
    accept: notMarker,
  },
  {
    kind: 'authorization',
    pattern: /(?<keep>bearer[ \t]{1,8})[A-Za-z0-9._~+/=-]{16}[A-Za-z0-9._~+/=-]*/gi,
    accept: (secret) => /\d/.test(secret),
  },
  { kind: 'jwt', pattern: /(?<![\w-])eyJ[\w-]{8}[\w-]*\.[\w-]+\.[\w-]*(?:\.[\w-]+\.[\w-]+)?/g },
  { kind: 'api_key', pattern: new RegExp(`(?<![A-Za-z0-9])(?:${API_KEYS})`, 'g') },
  { kind: 'secret', pattern: /(?<keep>:\/\/[^\s/:@"']{0,128}:)[^\s/@"']{1,256}(?=@)/g, accept: notMarker },
  {
    kind: 'secret',
    pattern: new RegExp(String.raw`(?<keep>(?:${SECRET_NAMES})\\?["']?[ \t]{0,8}(?:=>|:=|={1,3}|:)[ \t]{0,8})`, 'gi'),
    end: assignedEnd,
    accept: isAssignedSecret,
  },
  {
    kind: 'email',
    pattern: /(?<=(?<local>[\p{L}\p{N}._%+-]{1,64}))@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,63}[\p{L}\p{N}-]*/gu,
  },
  {
    kind: 'card_number',
    pattern: /(?<![A-Za-z0-9])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![A-Za-z0-9])/g,
    accept: isCardNumber,
  },
];

/** Members of an object whose text is a secret whatever it looks like: `password`, `accessToken`, `set-cookie` … */
export const SECRET_MEMBER = new RegExp(`(?:${SECRET_NAMES}|authorization|cookie)$`, 'i');
