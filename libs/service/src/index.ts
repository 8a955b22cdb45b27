export { readEnv } from './env.js';
export { asService, createLogger, type LogOptions, NestLogger } from './logger.js';
export { connectNats, databaseUrlOf, type Platform, rolePasswords } from './platform.js';
export { platformSettings, runService } from './run-service.js';
export { openTelemetry, telemetrySettings } from './telemetry.js';
export { Timed, timed } from '#telemetry';
export { ENV, PLATFORM, type RunningService, type ServiceDefinition, startService } from './start-service.js';
