import { AppError, isAppError } from '#kernel';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { allowedMethods } from './allowed-methods.js';
import { codeOfStatus, problemHeaders, problemOf, statusOf } from './problem.rules.js';

const statusIn = (error: unknown): number | undefined => {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
};

/** The frameworks' own refusals as ours; anything else is a bug and stays as it is. */
const translated = (error: unknown, request: FastifyRequest, reply: FastifyReply): unknown => {
  if (isAppError(error)) return error;
  const status = statusIn(error);
  if (status === 404) {
    const methods = allowedMethods(request);
    if (methods.length === 0) return new AppError('route.not_found', 'There is nothing here.');
    reply.header('allow', methods.join(', '));
    return new AppError('route.method_not_allowed', `Only ${methods.join(', ')} here.`);
  }
  const code = status === undefined ? undefined : codeOfStatus(status);
  return code === undefined ? error : new AppError(code, (error as Error).message);
};

/** Every error becomes a problem document; what nobody foresaw is logged whole and stays opaque to the caller. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger(ProblemFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = translated(thrown, request, reply);
    const known = isAppError(error) && statusOf(error.code) !== undefined;
    if (!known) this.log.error({ err: error, request_id: request.id, method: request.method, url: request.url });
    if (reply.sent) return;
    const problem = problemOf(known ? error : new AppError('internal.error', ''), request.id);
    void reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem));
  }
}
