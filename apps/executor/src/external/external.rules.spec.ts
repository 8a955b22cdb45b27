import { describe, expect, it } from '@jest/globals';
import { executor, governance } from '#contracts';
import type { ActionStatus } from '../action/action.rules.js';
import { NO_TAINT } from '../action/taint.rules.js';
import { answerOf, covers, decisionOf, joined, moveOf } from './external.rules.js';

const ENDING = { answer: null };

describe('what an agent elsewhere is told', () => {
  it.each(executor.EXECUTION_STATUSES)('of a record that is %s is never a yes but at its end', (status) => {
    const decision = decisionOf({ status, decided: {} });
    expect(decision === 'allow').toBe(status === 'unverifiable' || status === 'succeeded');
  });

  it('is nothing of a record paused before it was decided', () => {
    expect(decisionOf({ status: 'paused', decided: null })).toBeNull();
    expect(decisionOf({ status: 'paused', decided: {} })).toBe('ask');
  });

  it('says why not first, and nothing twice', () => {
    const failure = { code: 'approval.rejected', message: 'No.' };
    const decided = { reasons: ['Needs one.', 'No.'], approval_id: 'a', expires_at: 'e' } as executor.DecidedFact;
    const standing = { id: 'x', status: 'denied' as const, failure, decided };
    const action = { step: 1, index: 0, digest: 'd', predicted: null };
    expect(answerOf(standing, action, 'deny')).toMatchObject({
      key: 'x/1/0',
      reasons: ['No.', 'Needs one.'],
      failure,
      approval_id: null,
      expires_at: null,
    });
  });
});

describe('the next move', () => {
  it.each<[ActionStatus, executor.ExecutionStatus, object | null, boolean, string]>([
    ['proposed', 'submitted', null, false, 'decide'],
    ['proposed', 'submitted', null, true, 'cancel'],
    ['denied', 'submitted', null, true, 'end_denied'],
    ['awaiting_approval', 'awaiting_approval', null, false, 'redeem'],
    ['awaiting_approval', 'awaiting_approval', null, true, 'cancel'],
    ['authorised', 'queued', null, false, 'hand_over'],
    ['authorised', 'queued', null, true, 'cancel'],
    ['refused', 'queued', null, false, 'end_denied'],
    ['kept', 'running', null, true, 'finish'],
    ['authorised', 'verifying', ENDING, true, 'finish'],
  ])(
    'of an action that is %s in a record that is %s, ending %j, to end: %j, is %s',
    (is, status, ending, end, move) => {
      expect(moveOf({ status, ending }, { status: is }, end)).toBe(move);
    },
  );
});

it('a decision holds while nothing was met since', () => {
  const met = { ...NO_TAINT, read_untrusted: true };
  expect(covers(NO_TAINT, NO_TAINT)).toBe(true);
  expect(covers(met, NO_TAINT)).toBe(true);
  expect(covers(NO_TAINT, met)).toBe(false);
  expect(joined(met, { ...NO_TAINT, secrets_used: true })).toEqual({ ...met, secrets_used: true });
});

it.each([
  ['file.read', 'file.read@v1'],
  ['file.read@v2', 'file.read@v2'],
])('%s is %s', (named, id) => {
  expect(governance.toolIdOf(named)).toBe(id);
});
