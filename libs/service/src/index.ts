export { readEnv } from './env.js';
export { asService, createLogger, type LogOptions, NestLogger } from './logger.js';
export { databaseUrlOf, type Platform, rolePasswords } from './platform.js';
export { NATS_CA_MEANS, platformSettings, runService } from './run-service.js';
export { openTelemetry, telemetrySettings } from './telemetry.js';
export { Timed, timed } from '#telemetry';
export { connectNats } from '#messaging';
export { ENV, PLATFORM, type RunningService, type ServiceDefinition, startService } from './start-service.js';
