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
