import { toolConduct } from '../assessment/tool.rules.js';
import type { AnalyzedAction, Finding } from './analysis.types.js';
import { excerpt } from './contradiction.rules.js';
import type { SeenSet } from './seen.rules.js';
import { quotesIn, textOf, type Quote } from './token.rules.js';

/** Numbers kept for checking sums; with more than these the arithmetic of an answer can no longer be followed. */
export const MAX_AMOUNTS = 64;
const CENT = 0.011;
const ARITHMETIC =
  /\b(?:total\w*|sum|remain\w*|left|difference|average|percent|approximately|about|around|roughly|nearly|over|under|budget|sav(?:e|es|ing|ings)|each|per)\b/i;
const ID_KEY = /(?:^|_)(?:id|ids|uuid|number|account|username|user)$|Id$/;
const ADDRESS_KEY = /(?:^|_)(?:to|cc|bcc|email|emails|recipients?|address|attendees|participants)$/i;

const KIND_NAMES: Record<Quote['kind'], string> = {
  email: 'an e-mail address',
  url: 'an address on the web',
  path: 'a path',
  id: 'an identifier',
  number: 'a number',
  amount: 'an amount',
};

const isSeen = (quote: Quote, seen: SeenSet): boolean =>
  quote.forms.some((form) => form.every((token) => seen.has(token)));

/** Quotes of a final answer that nothing the run read or was given contains. */
export function answerQuotes(answer: string, seen: SeenSet, amounts: number[], step: number): Finding[] {
  return quotesIn(answer).flatMap((quote) => {
    if (isSeen(quote, seen)) return [];
    if (
      quote.kind === 'amount' &&
      (amounts.length >= MAX_AMOUNTS || ARITHMETIC.test(answer) || isComputed(Number(quote.forms[0]![0]), amounts))
    )
      return [];
    seen.add(quote.forms.flat());
    return [
      quoteFinding(
        quote,
        step,
        quote.kind === 'amount' || quote.kind === 'number' ? 'low' : 'medium',
        'The final answer names',
        answer,
      ),
    ];
  });
}

/** Addresses and identifiers an action was aimed at that came from nowhere. What the action may choose itself is not judged. */
export function argumentQuotes(action: AnalyzedAction, seen: SeenSet, step: number): Finding[] {
  const conduct = toolConduct(action.tool, action.arguments);
  const findings: Finding[] = [];
  for (const [key, value] of Object.entries(action.arguments)) {
    const address = ADDRESS_KEY.test(key);
    if (!address && !ID_KEY.test(key)) continue;
    for (const quote of quotesIn(textOf(value))) {
      const judged = address
        ? quote.kind === 'email'
        : quote.kind === 'id' || quote.kind === 'number' || quote.kind === 'email';
      if (!judged || isSeen(quote, seen)) continue;
      seen.add(quote.forms.flat());
      const severity = conduct.sends || conduct.destroys ? 'medium' : 'low';
      findings.push(quoteFinding(quote, step, severity, `${action.tool} was given`, `${key}: ${textOf(value)}`));
    }
  }
  return findings;
}

function quoteFinding(quote: Quote, step: number, severity: Finding['severity'], lead: string, text: string): Finding {
  return {
    code: 'unsupported_quote',
    step,
    severity,
    sentence: `${lead} ${KIND_NAMES[quote.kind]} that occurs in no observation or input.`,
    evidence: [excerpt(around(text, quote.text)), `not observed: ${excerpt(quote.text)}`],
    precision: null,
  };
}

const around = (text: string, part: string): string => {
  const at = text.indexOf(part);
  return text.slice(Math.max(0, at - 60), at + part.length + 60);
};

/** Whether an amount is a sum, difference or small multiple of observed ones. */
export function isComputed(amount: number, observed: number[]): boolean {
  const near = (value: number): boolean => Math.abs(value - amount) < CENT;
  if (near(observed.reduce((sum, value) => sum + value, 0))) return true;
  return observed.some((a) => {
    for (let times = 1; times <= 12; times++) if (near(a * times) || near(a / times)) return true;
    return observed.some((b) => near(a + b) || near(a - b) || near(a + 2 * b));
  });
}
