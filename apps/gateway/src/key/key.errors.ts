import { AppError } from '#kernel';

/** One answer for a key that is none, is nobody's, or has a wrong secret. */
export const keyInvalid = (): AppError => new AppError('auth.key_invalid', 'The API key is not valid.');

export const keyRevoked = (): AppError => new AppError('auth.key_revoked', 'The API key was revoked.');

export const keyExpired = (): AppError => new AppError('auth.key_expired', 'The API key has expired; make a new one.');

export const keyUsedUp = (): AppError =>
  new AppError('auth.key_used_up', 'The API key was used as often as it may be; make a new one.');

export const keyNotFound = (): AppError => new AppError('key.not_found', 'There is no such open key.');

export const somebodyElsesKey = (): AppError =>
  new AppError('key.somebody_else', 'Nobody makes a key that acts for somebody else.', {
    details: { errors: [{ path: '/user_id', message: 'must be your own, or absent' }] },
  });

export const beyondYours = (path: '/role' | '/scopes', what: string): AppError =>
  new AppError('key.beyond_yours', `You have not got ${what} to give.`, {
    details: { errors: [{ path, message: `${what} is more than you may do yourself` }] },
  });

export const tooManyKeys = (most: number): AppError =>
  new AppError('key.too_many', `At most ${most} open keys a person and team; revoke one first.`);

/** An agent that names another. */
export const anotherAgent = (name: string): AppError =>
  new AppError('auth.agent_refused', `This key is of the agent "${name}" and speaks for no other.`, {
    details: { errors: [{ path: '/agent_id', message: `must be "${name}", or absent` }] },
  });
