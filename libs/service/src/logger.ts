import { countLoggedError, currentTraceId } from '#telemetry';
import { type LoggerService } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';

const service = new AsyncLocalStorage<string>();

/** Lines logged by `work`, and by everything it starts, carry the service's name. */
export const asService = <T>(name: string, work: () => T): T => service.run(name, work);

export interface LogOptions {
  level?: string;
  /** A file; absent: standard output. */
  file?: string;
}

/** Opened at once: a process that ends before the file is open could not write its last lines. */
const openFile = (file: string): number => {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, 'a');
};

/** One logger for the process, because Nest's is global: JSON lines; service and trace are added from the async context. */
export const createLogger = (options: LogOptions = {}): pino.Logger =>
  pino(
    {
      level: options.level ?? 'info',
      mixin: () => ({ service: service.getStore(), trace_id: currentTraceId() }),
      redact: [
        '*.password',
        '*.access_token',
        '*.api_key',
        'req.headers.authorization',
        'req.headers.cookie',
        'req.headers["x-api-key"]',
      ],
    },
    pino.destination({ dest: options.file ? openFile(options.file) : 1, sync: false }),
  );

/** What was said beside an object; Nest puts the name of who says it behind. */
const textBeside = (rest: unknown[]): string | undefined =>
  rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;

/** Nest's logger interface on pino. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: pino.Logger) {}

  log = (message: unknown, ...rest: unknown[]): void => this.write('info', message, rest);
  error = (message: unknown, ...rest: unknown[]): void => this.write('error', message, rest);
  warn = (message: unknown, ...rest: unknown[]): void => this.write('warn', message, rest);
  debug = (message: unknown, ...rest: unknown[]): void => this.write('debug', message, rest);
  verbose = (message: unknown, ...rest: unknown[]): void => this.write('trace', message, rest);
  fatal = (message: unknown, ...rest: unknown[]): void => this.write('fatal', message, rest);

  private write(level: pino.Level, message: unknown, rest: unknown[]): void {
    if (level === 'error' || level === 'fatal') countLoggedError(service.getStore());
    const context = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    if (message instanceof Error) this.pino[level]({ err: message, context });
    else if (typeof message === 'object') this.pino[level]({ ...message, context }, textBeside(rest));
    else this.pino[level]({ context }, String(message));
  }
}
