import { AppError } from '#kernel';

export const signInNeeded = (): AppError =>
  new AppError('auth.required', 'Sign in: send Authorization: Bearer <access token>, or X-API-Key: <key>.');

export const tokenInvalid = (): AppError => new AppError('auth.token_invalid', 'The access token is not valid.');

export const tokenExpired = (): AppError =>
  new AppError('auth.token_expired', 'The access token has expired; sign in again.');

export const tokenInUrl = (): AppError =>
  new AppError('auth.token_in_url', 'What is secret ends up in logs when it is in a URL; send it in a header.');

export const sessionEnded = (): AppError =>
  new AppError('auth.session_ended', 'This sign-in has ended; sign in again.');

/** An old token came back: two hold this session, and nobody can tell which of them is its owner. */
export const sessionReused = (): AppError =>
  new AppError(
    'auth.session_reused',
    'A token of this sign-in was used a second time, so somebody else may hold it: the sign-in has ended. Sign in again.',
  );

export const sessionNotFound = (): AppError => new AppError('session.not_found', 'You have no such open session.');

export const ticketInvalid = (): AppError =>
  new AppError('auth.ticket_invalid', 'The ticket was used, has run out, or is none; ask for another.');

export const csrfRefused = (why: string): AppError => new AppError('auth.csrf', why);

export const passwordChangeRequired = (): AppError =>
  new AppError(
    'auth.password_change_required',
    'You have signed in with a one-time password: set your own by POST /api/auth/password first.',
  );

/** One answer for an unknown person and a wrong password. */
export const wrongCredentials = (): AppError =>
  new AppError('auth.credentials_wrong', 'The e-mail address or the password is wrong.');

/** For what a key cannot do in anybody's place. */
export const sessionNeeded = (): AppError =>
  new AppError('auth.session_needed', 'Only somebody who signed in may do this, not an API key.');

export const noTeam = (): AppError => new AppError('auth.no_team', 'You are a member of no team.');

export const permissionMissing = (permission: string): AppError =>
  new AppError('auth.permission_missing', `Your role in this team does not include "${permission}".`);

export const wrongOldPassword = (): AppError =>
  new AppError('auth.old_password_wrong', 'The old password is wrong.', {
    details: { errors: [{ path: '/old', message: 'is not the current password' }] },
  });
