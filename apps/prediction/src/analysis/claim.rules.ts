/*
 * Phrases, not understanding: each pattern is meant to be right when it matches and to miss the rest. English only.
 */

const EFFECT_VERBS =
  'deleted|removed|erased|sent|emailed|messaged|posted|published|shared|uploaded|created|updated|modified|changed|written|wrote|saved|moved|renamed|cancell?ed|booked|scheduled|rescheduled|transferred|paid|purchased|ordered|placed|granted|revoked|installed|deployed|restarted|refunded|submitted|registered|executed|completed|added|fixed|restored';
const DONE = `(?:successfully |now |also |already |just |then )*(?:${EFFECT_VERBS})`;

const SUCCESS = new RegExp(
  `\\bsuccessfully\\b|\\b(?:has|have) (?:now |all )?been ${DONE}\\b|\\b(?:i|we)(?:['’]ve| have) ${DONE}\\b|\\b(?:task|request|operation|everything)(?: is| was| has been)? (?:now )?(?:complete|completed|done|finished)\\b|\\ball done\\b`,
  'i',
);
/** Anything that admits a failure or limits the claim; broad on purpose: one such word and the text is not called a false claim. */
const FAILURE =
  /\b(?:errors?|fail(?:s|ed|ure|ing)?|unable|unsuccessful(?:ly)?|cannot|can['’]?t|could(?:n['’]t| not)|did(?:n['’]t| not)|does(?:n['’]t| not)|was(?:n['’]t| not)|were(?:n['’]t| not)|has(?:n['’]t| not)|have(?:n['’]t| not)|won['’]t|not (?:able|possible|found|allowed|permitted|available|yet|been)|however|unfortunately|issues?|problems?|sorry|apologi[sz]e|apologies|denied|refused|rejected|blocked|invalid|missing|partially|except|retry|retried|try again|instead|alternative|rolled back|undone|transfer(?:red)? (?:you )?to (?:a )?human)\b/i;
const FIRST_PERSON_EFFECT = new RegExp(`\\b(?:i|we)(?:['’]ve| have)? ${DONE}\\b[^.!?\\n]{0,80}`, 'i');
const CHECK =
  /\b(?:i|we)(?:['’]ve| have)? (?:also |just |now |then )?(?:checked|verified|tested|confirmed|inspected|reviewed|validated|double-checked)\b|\ball (?:the )?(?:\w+ )?(?:tests?|checks?) (?:now )?(?:pass|passed|succeed|succeeded)\b|\b(?:has|have) been (?:tested|verified|validated)\b/i;
const CALLED =
  /\b(?:i|we)(?:['’]ve| have)? (?:just |already |then |also )?(?:called|used|ran|executed|invoked) (?:the )?[`"']?([A-Za-z][\w.]{2,63})/gi;
const NEGATED_INTENT =
  /\b(?:will not|won['’]t|must not|mustn['’]t|should not|shouldn['’]t|do not|don['’]t|not going to|never|avoid|refrain from|without) (?:\w+ ){0,2}?(delet|remov|eras|send|email|post|publish|shar|pay|transfer|cancel|writ|overwrit|modif|chang)\w*((?:[^.!?;,\n]|\.(?=\S)){0,120})/gi;

export const claimsSuccess = (text: string): boolean => SUCCESS.test(text) && !FAILURE.test(text);
export const admitsFailure = (text: string): boolean => FAILURE.test(text);
export const claimsCheck = (text: string): boolean => CHECK.test(text) && !FAILURE.test(text);

/** The clause in which the writer says it changed something itself, or null. */
export const claimedEffect = (text: string): string | null => FIRST_PERSON_EFFECT.exec(text)?.[0] ?? null;

/** Names that the writer says it called; whether they are tools is for the caller to know. */
export const claimedCalls = (text: string): string[] =>
  [...text.matchAll(CALLED)].map(([, name = '']) => name.replace(/\.+$/, ''));

export interface NegatedIntent {
  /** A stem: `delet`, `send` … */
  verb: string;
  /** What the writer said it would leave alone. */
  object: string;
  quote: string;
}

export const negatedIntents = (text: string): NegatedIntent[] =>
  [...text.matchAll(NEGATED_INTENT)].map(([quote, verb = '', object = '']) => ({
    verb: verb.toLowerCase(),
    object,
    quote,
  }));
