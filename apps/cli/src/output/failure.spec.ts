import { describe, expect, it } from '@jest/globals';
import { ApiError, AuthenticationError, ConnectionError, NotFoundError } from '#client';
import { failureLines, failureOf } from './failure.js';
import { InvalidUse, SignInNeeded } from './use.errors.js';

const refusal = (status: number, fields: object = {}): ApiError =>
  new ApiError({ status, code: 'some.code', message: 'A sentence.', ...fields });
const told = (error: unknown): string[] => failureLines(failureOf(error)!);

describe('a failure', () => {
  it.each<[string, unknown, number]>([
    ['of input', refusal(400), 5],
    ['of an unknown id', new NotFoundError({ status: 404, code: 'x.not_found', message: 'No.' }), 5],
    ['of a permission', refusal(403), 1],
    ['of a conflict', refusal(409), 1],
    ['of a login', new AuthenticationError({ status: 401, code: 'auth.credentials_wrong', message: 'No.' }), 1],
    ['of the server', refusal(500), 1],
    ['of the connection', new ConnectionError('http://x', 'gone'), 1],
    ['of what was typed', new InvalidUse('No.'), 5],
    ['of nobody being signed in', new SignInNeeded('No.'), 1],
  ])('%s has an exit code', (_name, error, code) => {
    expect(failureOf(error)!.exitCode).toBe(code);
  });

  it('nobody foresaw is none of these', () => {
    expect(failureOf(new TypeError('x is not a function'))).toBeNull();
  });
});

describe('a failure is told', () => {
  it('in one sentence', () => {
    expect(told(refusal(403))).toEqual(['A sentence.']);
  });

  it('with every place in the input', () => {
    const errors = [
      { path: '/steps/0/uses', message: '5:11 unknown tool' },
      { path: '', message: '1:1 needs a name' },
    ];
    expect(told(refusal(400, { errors }))).toEqual([
      'A sentence.',
      '  /steps/0/uses: 5:11 unknown tool',
      '  1:1 needs a name',
    ]);
  });

  it('once, when the sentence is its only problem', () => {
    const errors = [{ path: '/a', message: 'unknown key "a"' }];
    expect(told(refusal(400, { message: 'Not valid: unknown key "a"', errors }))).toEqual([
      'Not valid: unknown key "a"',
    ]);
  });

  it('with what finds it in the log, when it is the fault of the server', () => {
    expect(told(refusal(500, { code: 'internal.error', request_id: 'r-1' }))).toEqual(['A sentence.', '  request r-1']);
  });

  it('with the way back when the login has ended', () => {
    const error = new AuthenticationError({ status: 401, code: 'auth.token_expired', message: 'Expired.' });
    expect(told(error)).toEqual(['Your login has ended; sign in again: npm run -s spectrace -- login']);
  });

  it('with how to start the server when it does not answer', () => {
    expect(told(new ConnectionError('http://x:1', 'nothing listens there')).join()).toBe(
      'SpecTrace does not answer at http://x:1: nothing listens there. Start it with `npm start` in its checkout, or name another address with --url.',
    );
  });

  it('without letting a server steer the terminal', () => {
    expect(
      told(refusal(400, { message: '\u001b[2J', errors: [{ path: '\u001b', message: '\u0007' }] })).join(),
    ).not.toMatch(/[\u001b\u0007]/);
  });
});
