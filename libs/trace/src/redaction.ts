import {
  isMarker,
  quoteOf,
  REDACTION_PATTERNS,
  type RedactionKind,
  type RedactionPattern,
  SECRET_MEMBER,
} from './redaction-patterns.js';

export type { RedactionKind } from './redaction-patterns.js';
export type RedactionCounts = Partial<Record<RedactionKind, number>>;

/** A replacement may uncover a neighbour that touched it. Matches run to the end of their characters: chains stay short. */
const MAX_PASSES = 4;

/**
 * The view of a JSON value for journals, logs, traces and facts: in every string, what looks like a secret or like
 * personal data becomes `[redacted:<kind>]`. A string under a member such as `password` or `accessToken` is replaced
 * whole. Member names, numbers and the shape stay. The raw value is not changed and is kept elsewhere, encrypted.
 *
 * Redacting the result again changes nothing. Time is linear in the text. `counts` holds the kinds found and how often.
 */
export function redact<T>(value: T): { value: T; counts: RedactionCounts } {
  const counts: RedactionCounts = {};
  return { value: walk(value, counts) as T, counts };
}

function walk(value: unknown, counts: RedactionCounts): unknown {
  if (typeof value === 'string') return redactText(value, counts);
  if (Array.isArray(value)) return value.map((item) => walk(item, counts));
  if (typeof value !== 'object' || value === null) return value;
  // fromEntries defines members, so one named __proto__ stays a member.
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === 'string' && SECRET_MEMBER.test(name) ? redactWhole(member, counts) : walk(member, counts),
    ]),
  );
}

function redactWhole(text: string, counts: RedactionCounts): string {
  const found: RedactionCounts = {};
  const redacted = redactText(text, found);
  if (text === '' || isMarker(text)) return text;
  if (!isMarker(redacted)) {
    count(counts, 'secret');
    return marker('secret');
  }
  for (const kind of Object.keys(found) as RedactionKind[]) count(counts, kind, found[kind]);
  return redacted;
}

function redactText(text: string, counts: RedactionCounts): string {
  let current = text;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const before = current;
    for (const pattern of REDACTION_PATTERNS) current = replaceKind(current, pattern, counts);
    if (current === before) break;
  }
  return current;
}

function replaceKind(text: string, { kind, pattern, end, accept }: RedactionPattern, counts: RedactionCounts): string {
  let redacted = '';
  let done = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const { keep = '', local = '' } = match.groups ?? {};
    const start = match.index + keep.length;
    const stop = end ? end(text, pattern.lastIndex) : pattern.lastIndex;
    const secret = text.slice(start, stop);
    if (accept && !accept(secret)) {
      pattern.lastIndex = match.index + 1;
      continue;
    }
    const from = Math.max(done, start - local.length);
    const quote = kind === 'secret' ? quoteOf(secret) : '';
    const closing = secret.length > quote.length && secret.endsWith(quote) ? quote : '';
    redacted += text.slice(done, from) + quote + marker(kind) + closing;
    done = stop;
    pattern.lastIndex = stop;
    count(counts, kind);
  }
  return done === 0 ? text : redacted + text.slice(done);
}

const marker = (kind: RedactionKind): string => `[redacted:${kind}]`;

function count(counts: RedactionCounts, kind: RedactionKind, times = 1): void {
  counts[kind] = (counts[kind] ?? 0) + times;
}
