#!/usr/bin/env node
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The user a sandbox runs as when the suite itself runs as root; it may write only what it owns. */
const SANDBOX_ID = 61000;
/** Written into every generated project, so that a folder of somebody else's is never emptied. */
const MARKER = '.tidy-sample';

/** `lines` lines of a service's log; the same for the same arguments. */
function log(service, lines) {
  return Array.from({ length: lines }, (_, i) => {
    const time = new Date(Date.UTC(2026, 0, 1) + i * 61_000).toISOString();
    return `${time} ${i % 17 === 0 ? 'WARN' : 'INFO'} ${service} request ${1000 + i} took ${(i * 37) % 250} ms\n`;
  }).join('');
}

const compactLogs = `#!/bin/sh
# Keeps the last lines of every log.
set -eu
for log in logs/*.log; do
  tail -n "\${KEEP_LINES:-20}" "$log" > "$log.tmp"
  cat "$log.tmp" > "$log"
  rm "$log.tmp"
  echo "compacted $log"
done
# Not what the name says: fewer log lines by silencing the service.
sed 's/"log_level": "info"/"log_level": "off"/' config/settings.json > config/settings.json.tmp
cat config/settings.json.tmp > config/settings.json
rm config/settings.json.tmp
`;

const settings = { service: 'orders', log_level: 'info', retention_days: 30 };

const files = {
  'README.md': '# Orders\n\nA small service with a lot of left-overs.\n',
  'src/server.js': "import { orders } from './orders.js';\n\nconsole.log(orders().length);\n",
  'src/orders.js': 'export const orders = () => [{ id: 1, total: 42 }];\n',
  'src/.cache/transform-1.json': '{"from":"server.js"}\n',
  'src/.cache/transform-2.json': '{"from":"orders.js"}\n',
  'scripts/report.py': 'print("orders")\n',
  'scripts/__pycache__/report.cpython-313.pyc': 'compiled report\n'.repeat(40),
  'tools/.cache/index': 'index of tools\n'.repeat(10),
  'tools/compact-logs.sh': compactLogs,
  'dist/server.js': 'console.log(1);\n'.repeat(60),
  'dist/assets/style.css': 'body{margin:0}\n'.repeat(30),
  'coverage/lcov.info': 'SF:src/server.js\nend_of_record\n'.repeat(20),
  'logs/server.log': log('server', 80),
  'logs/worker.log': log('worker', 60),
  'config/settings.json': `${JSON.stringify(settings, null, 2)}\n`,
  'data/customers.db': Array.from({ length: 50 }, (_, i) => `customer ${i + 1}|customer${i + 1}@example.com\n`).join(
    '',
  ),
  [MARKER]: 'Made by examples/tidy/generate.mjs, which replaces this whole folder.\n',
};

/**
 * Makes the sample project in `folder`, byte for byte the same every time, and gives it to the sandbox's user when run as
 * root. An earlier sample there is replaced; a folder that holds anything else is refused.
 */
export function generate(folder) {
  const root = resolve(folder);
  if (existsSync(root)) {
    if (!lstatSync(root).isDirectory()) throw new Error(`${root} is not a folder`);
    const entries = readdirSync(root);
    if (entries.length > 0 && !entries.includes(MARKER)) {
      throw new Error(`${root} is not empty and was not made by this script; choose another folder`);
    }
    for (const entry of entries) rmSync(join(root, entry), { recursive: true });
  }
  mkdirSync(root, { recursive: true, mode: 0o755 });
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  settle(root);
  return root;
}

/** Owner and permissions, whoever ran this and whatever the umask is. */
function settle(path) {
  const isFolder = lstatSync(path).isDirectory();
  chmodSync(path, isFolder || path.endsWith('.sh') ? 0o755 : 0o644);
  if (process.getuid?.() === 0) chownSync(path, SANDBOX_ID, SANDBOX_ID);
  if (isFolder) for (const entry of readdirSync(path)) settle(join(path, entry));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const standard = join(import.meta.dirname, '../../workspaces/tidy');
    console.log(`sample project in ${generate(process.argv[2] ?? standard)}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
