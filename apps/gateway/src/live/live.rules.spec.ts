import { describe, expect, it } from '@jest/globals';
import { AppError } from '#kernel';
import { closeCodeOf, isLost, resumeOf, watchOf } from './live.rules.js';

const id = '0190a000-0000-7000-8000-000000000001';

describe('what a socket follows', () => {
  it.each([
    [`/ws/${id}`, 0],
    [`/ws/${id}?after=17`, 17],
    [`/ws/${id}?after=2147483647`, 2_147_483_647],
  ])('%s', (url, after) => {
    expect(watchOf(url)).toEqual({ execution_id: id, after });
  });

  it('and the ticket it brings', () => {
    expect(watchOf(`/ws/${id}?ticket=abc&after=2`)).toEqual({ execution_id: id, after: 2, ticket: 'abc' });
  });

  it.each([
    ['/ws', 'route.not_found'],
    [`/ws/${id}/more`, 'route.not_found'],
    [`/socket/${id}`, 'route.not_found'],
    ['/ws/..%2f..', 'input.invalid'],
    [`/ws/${id.toUpperCase()}`, 'input.invalid'],
    [`/ws/${id}?after=-1`, 'input.invalid'],
    [`/ws/${id}?after=1.5`, 'input.invalid'],
    [`/ws/${id}?after=2147483648`, 'input.invalid'],
    [`/ws/${id}?after=1&after=2`, 'input.invalid'],
    [`/ws/${id}?before=1`, 'input.invalid'],
    [`/ws/${id}?token=eyJ`, 'auth.token_in_url'],
    [`/ws/${id}?Access_Token=eyJ`, 'auth.token_in_url'],
    [`/ws/${id}?after=1&jwt=eyJ`, 'auth.token_in_url'],
    [`/ws/${id}?TICKET=abc`, 'auth.token_in_url'],
    [`/ws/${id}?ticket=a&ticket=b`, 'input.invalid'],
  ])('%s is %s', (url, code) => {
    expect(watchOf(url)).toMatchObject({ code });
  });
});

describe('what a client says', () => {
  it('starts again after a sequence number', () => {
    expect(resumeOf({ type: 'resume', after: 3 })).toEqual({ after: 3 });
  });

  it.each([
    [null],
    [[]],
    ['resume'],
    [{}],
    [{ type: 'resume' }],
    [{ type: 'resume', after: '3' }],
    [{ type: 'resume', after: -1 }],
    [{ type: 'resume', after: 0.5 }],
    [{ type: 'resume', after: 2 ** 31 }],
    [{ type: 'resume', after: 1, more: true }],
    [{ type: 'join', after: 1 }],
  ])('%j is nothing it may say', (message) => {
    expect(resumeOf(message)).toBeNull();
  });
});

describe('why a socket is closed', () => {
  it.each([
    ['live.completed', 1000],
    ['service.stopping', 1001],
    ['service.unavailable', 1013],
    ['auth.token_expired', 4401],
    ['auth.session_ended', 4401],
    ['team.not_found', 4403],
    ['auth.permission_missing', 4403],
    ['execution.not_found', 4403],
    ['live.slow_reader', 4408],
    ['live.too_many_messages', 4429],
  ])('%s is %i', (code, number) => {
    expect(closeCodeOf({ code, message: '' })).toBe(number);
  });

  it.each([
    [new AppError('execution.not_found', ''), true],
    [new AppError('team.not_found', ''), true],
    [new AppError('service.unavailable', ''), false],
    [new AppError('service.timeout', ''), false],
    [new Error('auth.required'), false],
  ])('%s: access is lost: %s', (error, lost) => {
    expect(isLost(error)).toBe(lost);
  });
});
