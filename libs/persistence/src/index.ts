export { Database, roleOf, type DatabaseOptions, type Tx } from './database.js';
export { FactLog, FactSignal, type NewFact } from './fact-log.js';
export { once } from './idempotency.js';
export { createDatabase, migrate, serviceUrl, type ServiceSchema } from './migrate.js';
export { TABLES_WITHOUT_TEAM, teamRows } from './tables.js';
export { afterCommit, assertOutsideTransaction } from './transaction-context.js';
