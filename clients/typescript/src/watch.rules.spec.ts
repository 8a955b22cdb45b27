import { describe, expect, it } from '@jest/globals';
import { type AfterLoss, afterLoss, type Loss, MAX_LOST, turnOf } from './watch.rules.js';

describe('a frame', () => {
  it.each([
    [1, 0, 'next'],
    [5, 4, 'next'],
    [4, 4, 'seen'],
    [1, 4, 'seen'],
    [6, 4, 'gap'],
  ] as const)('%i after %i is %s', (seq, after, turn) => {
    expect(turnOf(seq, after)).toBe(turn);
  });
});

describe('a socket that is gone', () => {
  const loss: Loss = { closed: 1006, status: null, retryAfterMs: null, lost: 1, jitter: 1 };
  it.each<[string, Partial<Loss>, AfterLoss]>([
    ['closed with the run', { closed: 1000 }, { then: 'end' }],
    ['torn', {}, { then: 'reconnect', inMs: 200 }],
    ['torn again', { lost: 3, jitter: 0.5 }, { then: 'reconnect', inMs: 400 }],
    ['closed by a server that stops', { closed: 1001 }, { then: 'reconnect', inMs: 200 }],
    ['never opened', { closed: null }, { then: 'reconnect', inMs: 200 }],
    ['torn too often', { lost: MAX_LOST + 1 }, { then: 'refuse', why: 'unreachable' }],
    ['closed because the token ended', { closed: 4401 }, { then: 'refuse', why: 'token_expired' }],
    ['closed because access ended', { closed: 4403 }, { then: 'refuse', why: 'access_lost' }],
    ['refused for good', { closed: 1006, status: 404 }, { then: 'refuse', why: 'refused' }],
    ['refused for now', { status: 503 }, { then: 'reconnect', inMs: 200 }],
    ['refused with a time', { status: 429, retryAfterMs: 7_000 }, { then: 'reconnect', inMs: 7_200 }],
    ['refused for now too often', { status: 503, lost: MAX_LOST + 1 }, { then: 'refuse', why: 'refused' }],
  ])('%s', (_name, given, next) => {
    expect(afterLoss({ ...loss, ...given })).toEqual(next);
  });
});
