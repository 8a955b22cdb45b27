/** Where in the caller's input something is wrong. `path` is a JSON Pointer ('' is the whole document). */
export interface LocatedProblem {
  path: string;
  message: string;
}

export interface AppErrorOptions {
  /** Located problems or other facts a caller may see; never a secret, never a stack. */
  details?: { errors?: LocatedProblem[]; [key: string]: unknown };
  /** True when the same call may succeed later without being changed. */
  retryable?: boolean;
  cause?: unknown;
}

/**
 * The one error that crosses a boundary. `code` is `<noun>.<what>` (`execution.not_found`), defined beside its noun;
 * everything that is not an AppError is a bug and stays opaque to the caller.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: string;
  readonly details?: AppErrorOptions['details'];
  readonly retryable: boolean;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryable = options.retryable ?? false;
  }
}

export const isAppError = (error: unknown): error is AppError =>
  error instanceof AppError || (error instanceof Error && error.name === 'AppError' && 'code' in error);
