import { AppError } from '#kernel';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Observable, throwError, timeout } from 'rxjs';

export const REQUEST_DEADLINE_MS = 300_000;

/** A request that is not answered by then ends with `request.timeout`. */
@Injectable()
export class DeadlineInterceptor implements NestInterceptor {
  protected readonly deadlineMs: number = REQUEST_DEADLINE_MS;

  intercept(_host: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      timeout({
        first: this.deadlineMs,
        with: () =>
          throwError(() => new AppError('request.timeout', 'The request took too long.', { retryable: true })),
      }),
    );
  }
}
