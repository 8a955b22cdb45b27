/** Starts the test run's PostgreSQL (needs `npm run build`); the rules level needs none. */
export default async () => {
  if (process.env.LEVEL === 'rules') return;
  const { startTestServer } = await import('../../dist/libs/testing/src/servers.js');
  const server = await startTestServer();
  process.env.TEST_ADMIN_URL = server.adminUrl;
  globalThis.stopTestServer = server.stop;
};
