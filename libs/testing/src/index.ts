export { callContext, person } from './context.js';
export { openTestDatabase, openTestPlatform, type TestDatabase, type TestPlatform } from './platform.js';
export { startTestServer } from './servers.js';
export { until } from './until.js';
