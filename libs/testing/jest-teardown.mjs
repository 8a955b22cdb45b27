export default async () => globalThis.stopTestServer?.();
