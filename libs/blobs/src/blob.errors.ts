import { AppError } from '#kernel';

export const blobNotFound = (digest: string): AppError =>
  new AppError('blob.not_found', `There is no blob ${digest}.`, { details: { digest } });

/** The bytes under a digest are not the bytes that were put; they are never handed out. */
export const blobCorrupt = (digest: string): AppError =>
  new AppError('blob.corrupt', `The blob ${digest} is damaged.`, { details: { digest } });

export const blobNameInvalid = (what: 'team' | 'digest'): AppError =>
  new AppError('blob.name_invalid', `The ${what} of a blob is malformed.`);
