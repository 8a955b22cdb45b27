export { Chance, moment } from './chance.js';
export { type CollectedSpan, type Collector, startCollector } from './collector.js';
export { TestAuthority, type TestCertificate } from './authority.js';
export { callContext, person } from './context.js';
export {
  openTestDatabase,
  openTestPlatform,
  openTestSchemas,
  type TestDatabase,
  type TestNats,
  type TestPlatform,
  type TestSchemas,
} from './platform.js';
export { startTestServer } from './servers.js';
export { until } from './until.js';
