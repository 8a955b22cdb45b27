import { AppError } from '#kernel';

export const signInNeeded = (): AppError =>
  new AppError('auth.required', 'Sign in: send Authorization: Bearer <access token>.');

export const tokenInvalid = (): AppError => new AppError('auth.token_invalid', 'The access token is not valid.');

export const tokenExpired = (): AppError =>
  new AppError('auth.token_expired', 'The access token has expired; sign in again.');

export const tokenInUrl = (): AppError =>
  new AppError('auth.token_in_url', 'A token in a URL ends up in logs; send Authorization: Bearer <access token>.');

/** One answer for an unknown person and a wrong password. */
export const wrongCredentials = (): AppError =>
  new AppError('auth.credentials_wrong', 'The e-mail address or the password is wrong.');

export const noTeam = (): AppError => new AppError('auth.no_team', 'You are a member of no team.');

export const permissionMissing = (permission: string): AppError =>
  new AppError('auth.permission_missing', `Your role in this team does not include "${permission}".`);

export const wrongOldPassword = (): AppError =>
  new AppError('auth.old_password_wrong', 'The old password is wrong.', {
    details: { errors: [{ path: '/old', message: 'is not the current password' }] },
  });
