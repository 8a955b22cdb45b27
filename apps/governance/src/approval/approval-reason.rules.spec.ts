import { expect, it } from '@jest/globals';
import { type ApprovalState, judgeVote, reasonOf, type Who } from './approval.rules.js';

/** Zero width, soft hyphen, Hangul fillers, braille blank, a variation selector and a tag: no screen draws any of them. */
const UNSEEN = '\u200b\u200d\u2060\ufeff\u00ad\u115f\u3164\u2800\ufe0f\u{e0041}\u00a0\u202e\0';
const named = (id: string): Who => ({ kind: 'person', id, name: `${id}@example.org` });
const approval: ApprovalState = {
  ...{ status: 'pending', key: 'run/1/0', digest: 'sha256:aa', asked_digest: 'sha256:aa', is_edited: false },
  ...{ tier_needed: 2, requested_by: named('bob'), on_behalf_of: named('bob'), votes: [] },
  ...{ expires_at: 1_000, claimed_key: null, preview: [] },
};

it.each([
  [undefined, null],
  ['', null],
  [' \n\t', null],
  [UNSEEN, null],
  [' No.\nNever. ', 'No.\nNever.'],
  ['いいえ', 'いいえ'],
  ['✋', '✋'],
])('the reason %j is kept as %j', (reason, kept) => {
  expect(reasonOf({ reason })).toBe(kept);
});

it('a rejection with a reason that nobody can see is one without', () => {
  const voter = { ...named('ada'), on_behalf_of: named('ada'), roles: ['approver' as const] };
  const reject = (reason: string) => judgeVote({ approval, voter: { ...voter, decision: 'reject', reason }, now: 0 });
  expect(reject(UNSEEN)).toEqual({ kind: 'refused', code: 'approval.reason_required' });
  expect(reject(`${UNSEEN}x`)).toMatchObject({ status: 'rejected' });
});
