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
