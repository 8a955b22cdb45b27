import { describe, expect, it } from '@jest/globals';
import type { Action } from '#client/browser';
import { cellsOf, FACTS, summaryOf } from './facts.rules.js';

const action = (facts: object): Action => ({ key: 'e/1/0', ...facts });
const text = (facts: object) =>
  Object.fromEntries(cellsOf(action(facts)).map(({ fact, text: said, state }) => [fact, [state, said]]));
const predicted = (risk: number | null, expected: string[] = []) => ({ risk, expected, findings: [] });
const asked = (approval: string | null, more: object = {}) => ({
  decision: 'ask',
  approval,
  approvers: [],
  reasons: ['It is protected.'],
  determining_policies: ['guard-data'],
  tier_needed: 2,
  ...more,
});
const verified = (verdict: string, change_count = 0, deviations: object[] = []) => ({
  verdict,
  change_count,
  changes: [],
  deviations,
  manifest: 'sha256:a',
});
const undone = (outcome: string, more: object = {}) => ({
  outcome,
  before: 'sha256:a',
  after: 'sha256:a',
  restored: 0,
  problems: [],
  ...more,
});

describe('the five facts', () => {
  it('are always five, in their order', () => {
    expect(cellsOf(action({})).map(({ fact }) => fact)).toEqual(FACTS);
    expect(cellsOf(action({})).map(({ state }) => state)).toEqual(Array(5).fill('open'));
  });

  it.each([
    [predicted(0.05), 'good', 'risk 0.05', 'low'],
    [predicted(0.3), 'note', 'risk 0.30', 'medium'],
    [predicted(0.91), 'note', 'risk 0.91', 'critical'],
    [predicted(null), 'note', 'no prediction', 'medium'],
  ])('predicted %j', (said, state, words, tone) => {
    expect(cellsOf(action({ predicted: said }))[0]).toMatchObject({ state, text: words, tone });
  });

  it.each([
    [{ ...asked(null), decision: 'allow' }, 'authorised', 'good', 'allow by guard-data'],
    [{ ...asked(null), decision: 'deny' }, 'denied', 'bad', 'denied by guard-data'],
    [{ ...asked(null), decision: 'deny', determining_policies: [] }, 'denied', 'bad', 'denied by default'],
    [asked('pending'), 'awaiting_approval', 'asks', 'asked, waits for one approver'],
    [asked('pending', { tier_needed: 3 }), 'awaiting_approval', 'asks', 'asked, waits for two approvers'],
    [asked('pending'), 'skipped', 'none', 'asked, no longer needed'],
    [asked('approved', { approvers: ['eve', 'kim'] }), 'authorised', 'good', 'asked, approved by eve, kim'],
    [asked('rejected'), 'denied', 'bad', 'asked, rejected'],
    [asked('expired'), 'denied', 'bad', 'asked, nobody answered'],
    [asked('withdrawn'), 'skipped', 'none', 'asked, withdrawn'],
  ])('decided %j of one that is %s', (decided, status, state, words) => {
    expect(text({ decided, status })['decided']).toEqual([state, words]);
  });

  it.each([
    [{ status: 'started' }, 'runs', 'at work …'],
    [{ status: 'awaiting_approval' }, 'open', 'to come'],
    [{ status: 'denied' }, 'none', 'not done'],
    [{ done: { ok: true, duration_ms: 18, output: null }, status: 'kept' }, 'good', 'ok in 18 ms'],
    [
      { done: { ok: false, duration_ms: 1, failure: { code: 'x', message: 'No such file.' } } },
      'bad',
      'failed: No such file.',
    ],
  ])('done %j', (facts, state, words) => {
    expect(text(facts)['done']).toEqual([state, words]);
  });

  it.each([
    [verified('verified'), 'good', 'no changes, as expected'],
    [verified('verified', 1), 'good', '1 change, all expected'],
    [verified('verified', 3), 'good', '3 changes, all expected'],
    [verified('deviated', 3, [{ path: 'config/a', reason: 'x' }]), 'bad', 'DEVIATED: config/a'],
    [
      verified('deviated', 3, [
        { path: 'a', reason: 'x' },
        { path: 'a', reason: 'y' },
        { path: 'b', reason: 'z' },
      ]),
      'bad',
      'DEVIATED: a and 1 more',
    ],
    [verified('deviated', 0, [{ reason: 'Blind.' }]), 'bad', 'DEVIATED: Blind.'],
    [verified('inconclusive'), 'asks', 'inconclusive: a person has to look'],
    [verified('unverifiable'), 'note', 'could not be verified'],
  ])('verified %j', (said, state, words) => {
    expect(text({ verified: said })['verified']).toEqual([state, words]);
  });

  it.each([
    [{ undone: undone('kept'), status: 'kept' }, 'good', 'kept'],
    [{ undone: undone('undone', { restored: 1 }), status: 'undone' }, 'back', 'undone, 1 path put back'],
    [{ undone: undone('undone', { restored: 3 }), status: 'undone' }, 'back', 'undone, 3 paths put back'],
    [{ undone: undone('kept'), status: 'undoing' }, 'runs', 'putting back …'],
    [{ status: 'undoing' }, 'runs', 'putting back …'],
    [{ undone: undone('conflict'), status: 'conflict' }, 'bad', 'not undone: somebody else changed it'],
    [{ undone: undone('undo_failed'), status: 'undo_failed' }, 'bad', 'the undo failed'],
    [{ status: 'refused' }, 'none', 'nothing to undo'],
  ])('undone %j', (facts, state, words) => {
    expect(text(facts)['undone']).toEqual([state, words]);
  });

  it('an undo says whether the digests are equal', () => {
    const more = (after: string) => cellsOf(action({ undone: undone('undone', { after }) }))[4]!.more;
    expect(more('sha256:a')).toContain('as it was before');
    expect(more('sha256:b')).toContain('differs');
  });
});

describe('an output comes down to', () => {
  it.each([
    [{ entries: [1] }, '1 entry'],
    [{ entries: [1, 2] }, '2 entries'],
    [{ size: 3 }, '3 bytes'],
    [{ exit_code: 0 }, 'exit code 0'],
    [{}, undefined],
    [null, undefined],
    ['text', undefined],
  ])('%j', (output, words) => {
    expect(summaryOf(output)).toBe(words);
  });
});
