import { ApiError, ConnectionError, type LocatedProblem, plainText } from '#client';
import { COMMAND, EXIT } from './exit.rules.js';
import { InvalidUse, SignInNeeded } from './use.errors.js';

/** The login was good once. */
export const REUSED = 'auth.session_reused';
export const STALE: readonly string[] = [
  'auth.token_expired',
  'auth.token_invalid',
  'auth.required',
  'auth.session_ended',
  REUSED,
];
const INVALID_STATUSES: readonly number[] = [400, 404, 413, 414, 415];

export interface Failure {
  exitCode: number;
  code: string;
  message: string;
  errors: LocatedProblem[];
  request_id: string | null;
}

const failure = (exitCode: number, code: string, message: string): Failure => ({
  exitCode,
  code,
  message,
  errors: [],
  request_id: null,
});

/** What to do, where the server's own words would not say it. A login that somebody may have stolen is told in them. */
const hintOf = (code: string): string | null => {
  if (code === 'auth.password_change_required') return `Set your own password first: ${COMMAND} password`;
  return STALE.includes(code) && code !== REUSED ? `Your login has ended; sign in again: ${COMMAND} login` : null;
};

/** An error as something to tell a person; null for one that nobody foresaw. */
export const failureOf = (error: unknown): Failure | null => {
  if (error instanceof ApiError) {
    const exitCode = INVALID_STATUSES.includes(error.status) ? EXIT.invalid : EXIT.failed;
    const { code, errors, request_id } = error;
    const message = hintOf(code) ?? error.message;
    return { exitCode, code, message, errors, request_id };
  }
  if (error instanceof ConnectionError) {
    const hint = 'Start it with `npm start` in its checkout, or name another address with --url.';
    return failure(EXIT.failed, error.code, `${error.message} ${hint}`);
  }
  if (error instanceof SignInNeeded) return failure(EXIT.failed, error.code, error.message);
  if (error instanceof InvalidUse) return failure(EXIT.invalid, error.code, error.message);
  return null;
};

/** A failure as lines: the sentence, where in the input, and for a fault of the server what finds it in the log. */
export const failureLines = ({ message, errors, code, request_id }: Failure): string[] => {
  // A message that is made of its one problem would say it twice.
  const located = errors.filter((one, _, all) => all.length > 1 || !message.includes(one.message));
  return [
    plainText(message),
    ...located.map(({ path, message: what }) => `  ${plainText(path === '' ? what : `${path}: ${what}`)}`),
    ...(code === 'internal.error' && request_id ? [`  request ${plainText(request_id)}`] : []),
  ];
};
