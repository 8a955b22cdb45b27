import type { TeamRole } from '#contracts';
import { AppError } from '#kernel';

export const teamNotFound = (): AppError => new AppError('team.not_found', 'You are in no such team.');

export const teamExists = (): AppError =>
  new AppError('team.exists', 'There is a team of this name.', {
    details: { errors: [{ path: '/name', message: 'is taken' }] },
  });

export const memberNotFound = (): AppError => new AppError('member.not_found', 'There is no such member in this team.');

export const memberExists = (): AppError =>
  new AppError('member.exists', 'This person is a member of the team already.');

export const lastAdmin = (): AppError =>
  new AppError('member.last_admin', 'A team keeps at least one admin; make somebody else an admin first.');

export const roleBeyondKey = (role: TeamRole): AppError =>
  new AppError('member.role_beyond_key', `This API key may do less than the role ${role}, so it cannot give it.`, {
    details: { errors: [{ path: '/role', message: 'holds permissions that the key has not got' }] },
  });

/** A one-time password is handed to nobody but a person who signed in. */
export const passwordNeedsSession = (): AppError =>
  new AppError(
    'member.session_needed',
    'This person has no password of their own yet and needs a one-time password, which no API key is given: add them in the console, or signed in.',
  );

/** Somebody of another team, or an installation admin, may still hold the password they have. */
export const passwordPending = (): AppError =>
  new AppError(
    'member.password_pending',
    'This person has a one-time password from elsewhere and has not set their own yet: they do so first, or an installation admin adds them.',
  );

export const ownPassword = (): AppError =>
  new AppError('member.own_password', 'Your own password you change with the old one: POST /api/auth/password.');

export const passwordNotYours = (): AppError =>
  new AppError(
    'member.password_not_yours',
    'Only an installation admin gives a one-time password to somebody who has a password of their own, or is in another team too.',
  );
