import { describe, expect, it } from '@jest/globals';
import { AppError } from '#kernel';
import { problemHeaders, problemOf, statusOf } from './problem.rules.js';

describe('a problem', () => {
  it('carries code, request id and located errors', () => {
    const error = new AppError('input.invalid', 'The input has a problem.', {
      details: { errors: [{ path: '/max_steps', message: 'must be an integer number' }] },
    });
    expect(problemOf(error, 'r-1')).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'The input has a problem.',
      code: 'input.invalid',
      request_id: 'r-1',
      retryable: false,
      errors: [{ path: '/max_steps', message: 'must be an integer number' }],
    });
  });

  it('says nothing about an error nobody listed', () => {
    const problem = problemOf(new AppError('sandbox.failed', 'prlimit: /var/secret'), 'r-2');
    expect(problem).toMatchObject({ status: 500, code: 'internal.error', request_id: 'r-2' });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it.each([
    ['execution.not_found', 404],
    ['approval.self_approval', 403],
    ['approval.expired', 409],
    ['service.unavailable', 503],
    ['__proto__', undefined],
  ])('%s is %p', (code, status) => {
    expect(statusOf(code)).toBe(status);
  });

  it('tells when to come back', () => {
    const error = new AppError('request.too_many', 'x', { details: { retry_after_s: 12 } });
    expect(problemHeaders(problemOf(error, 'r'))).toMatchObject({ 'retry-after': '12' });
  });

  it('names the scheme to a caller who is not signed in', () => {
    expect(problemHeaders(problemOf(new AppError('auth.required', 'x'), 'r'))).toMatchObject({
      'www-authenticate': 'Bearer',
    });
  });
});
