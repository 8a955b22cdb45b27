import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, NEVER, of } from 'rxjs';
import { DeadlineInterceptor } from './deadline.interceptor.js';

class Soon extends DeadlineInterceptor {
  protected override readonly deadlineMs = 10;
}

describe('the deadline', () => {
  it('ends a request nobody answers', async () => {
    const late = new Soon().intercept({} as never, { handle: () => NEVER });
    await expect(firstValueFrom(late)).rejects.toMatchObject({ code: 'request.timeout', retryable: true });
  });

  it('leaves an answer alone', async () => {
    expect(await firstValueFrom(new Soon().intercept({} as never, { handle: () => of('answer') }))).toBe('answer');
  });
});
