import { AppError } from '#kernel';

export const oidcOff = (): AppError =>
  new AppError('oidc.off', 'Nobody signs in by OpenID Connect here: OIDC_ISSUER is not set.');

/** One answer for everything that is wrong with what came back: a forger learns nothing, the log has the rest. */
export const oidcRefused = (cause?: unknown): AppError =>
  new AppError('oidc.refused', 'This sign-in cannot be believed; begin again.', { cause });

export const oidcDeclined = (): AppError =>
  new AppError('oidc.declined', 'The sign-in was declined or broken off there.');

export const oidcUnavailable = (cause: unknown): AppError =>
  new AppError('oidc.unavailable', 'Whom we ask who you are does not answer; try again.', { cause, retryable: true });

export const emailUnverified = (): AppError =>
  new AppError('oidc.email_unverified', 'Your e-mail address has not been verified there.');

export const nobodyHere = (): AppError =>
  new AppError('oidc.nobody_here', 'Nobody here has your e-mail address; ask an admin to add you.');

/** Another account of the same provider signs in as this person: their address was given to somebody else since. */
export const otherAccount = (): AppError =>
  new AppError('oidc.other_account', 'Somebody here has your e-mail address and signs in by another account.');
