import { AppError } from '#kernel';

export const violationNotFound = (): AppError => new AppError('violation.not_found', 'There is no such violation.');

const located = (code: string, path: string, message: string): AppError =>
  new AppError(code, message, { details: { errors: [{ path, message }] } });

export const noteRequired = (status: string): AppError =>
  located(
    'violation.note_required',
    '/note',
    `A violation that is ${status.replace('_', ' ')} needs a note that says why.`,
  );

export const ownerUnknown = (): AppError =>
  located('violation.owner_unknown', '/owner', 'The owner has to be a member of the team.');

export const nothingToChange = (): AppError =>
  located('violation.nothing_to_change', '', 'Name an owner, a status, a date or a note.');
