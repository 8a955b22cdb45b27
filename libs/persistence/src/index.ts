export { Database, roleOf, type DatabaseOptions, type Tx } from './database.js';
export { FactLog, FactSignal, type NewFact } from './fact-log.js';
export { earlierAnswer, once } from './idempotency.js';
export { SLOW_MS, type SlowStatement } from './statement.js';
export { createDatabase, migrate, serviceUrl, type ServiceSchema } from './migrate.js';
export { TABLES_WITHOUT_TEAM, teamRows } from './tables.js';
export { afterCommit } from '#kernel';
