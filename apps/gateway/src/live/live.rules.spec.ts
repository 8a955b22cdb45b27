import { describe, expect, it } from '@jest/globals';
import { resumeOf, watchOf } from './live.rules.js';

const id = '0190a000-0000-7000-8000-000000000001';

describe('what a socket follows', () => {
  it.each([
    [`/ws/${id}`, 0],
    [`/ws/${id}?after=17`, 17],
    [`/ws/${id}?after=2147483647`, 2_147_483_647],
  ])('%s', (url, after) => {
    expect(watchOf(url)).toEqual({ execution_id: id, after });
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
