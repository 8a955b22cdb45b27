const NAMES: Readonly<Record<string, string>> = { browser: 'A browser', cli: 'Command line' };

const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\bHeadlessChrome\//, 'Headless Chrome'],
  [/\bChrom(?:e|ium)\//, 'Chrome'],
  // Many call themselves Safari; the real one alone says its version right before.
  [/\bVersion\/[\d.]+ (?:Mobile\/\w+ )?Safari\//, 'Safari'],
  [/\bAppleWebKit\/|\bGecko\//, 'A browser'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const first = (table: readonly [RegExp, string][], text: string): string | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

/** What signed in, as it called itself; a browser's long name in short. */
export const clientWords = (client: string): string => {
  const browser = client.startsWith('Mozilla/') ? first(BROWSERS, client) : undefined;
  if (!browser) return NAMES[client] ?? client;
  const system = first(SYSTEMS, client);
  return system ? `${browser} on ${system}` : browser;
};
