export { startNats, type EmbeddedNats, type NatsAccess, type NatsOptions } from './nats.js';
export { startPostgres, type EmbeddedPostgres, type PostgresOptions } from './postgres.js';
