import { isAppError } from '#kernel';
import { type ArgumentsHost, Catch, Logger, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { toWireError } from './wire.js';

/** Carries an AppError to the caller; anything else is logged whole and stays opaque. */
@Catch()
export class ErrorFilter implements RpcExceptionFilter<unknown> {
  private readonly log = new Logger(ErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): Observable<never> {
    if (!isAppError(error)) {
      this.log.error({
        err: error,
        subject: host.switchToRpc().getContext<{ getSubject?(): string }>().getSubject?.(),
      });
    }
    return throwError(() => toWireError(error));
  }
}
