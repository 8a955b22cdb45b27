// `npm run -s facts -- replay --service executor --since 2026-11-01T00:00:00Z`: every publisher sends again what the service
// hears and was written since; for a consumer that was away longer than the stream keeps (7 days). What it heard before is
// passed over, so a replay may be repeated. Publishers keep facts for 90 days and must run; the service itself need not.
// `npm run -s facts -- retry --service executor`: the service hears its dead letters again, once their cause is mended.
// Of the running installation it needs SPECTRACE_HOME, where the operator's key is, and NATS_URL (NATS_CA) when NATS is not
// the embedded one.
import { SERVICES } from '#contracts';
import { isAppError } from '#kernel';
import { connectNats, replayTo, retryDeadLetters } from '#messaging';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseFolders } from '../dist/apps/suite/src/home.js';

const usage = `usage: facts replay --service <service> --since <RFC 3339>
       facts retry --service <service>
services: ${SERVICES.join(', ')}`;

const say = (line) => process.stdout.write(`${line}\n`);
const fail = (line) => {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
};

function embeddedNatsUrl(home) {
  const file = join(home, 'nats', 'nats.conf');
  try {
    const { host, port } = JSON.parse(readFileSync(file, 'utf8'));
    return `nats://${host}:${port}`;
  } catch {
    throw new Error(`There is no embedded NATS server at ${file}: set NATS_URL or SPECTRACE_HOME.`);
  }
}

const commands = {
  async replay(connection, { service, since }) {
    const counts = Object.entries(await replayTo(connection, service, since));
    for (const [publisher, facts] of counts) say(`${publisher}: ${facts} facts are sent again`);
    if (counts.length === 0) say(`${service} hears nothing`);
  },
  async retry(connection, { service }) {
    say(`${service}: ${await retryDeadLetters(connection, service)} dead letters are heard again`);
  },
};

async function main() {
  const { values, positionals } = parseArgs({
    options: { service: { type: 'string' }, since: { type: 'string' } },
    allowPositionals: true,
  });
  const command = commands[positionals[0]];
  const complete = SERVICES.includes(values.service) && (positionals[0] !== 'replay' || values.since);
  if (!command || !complete) return fail(usage);
  const { NATS_URL, NATS_CA: natsCa, SPECTRACE_HOME = '' } = process.env;
  const { home } = chooseFolders(process.cwd(), SPECTRACE_HOME);
  const connection = await connectNats({ natsUrl: NATS_URL || embeddedNatsUrl(home), natsCa, home }, 'operator');
  try {
    await command(connection, values);
  } finally {
    await connection.close();
  }
}

/** What went wrong, and where in what was given. */
const sentenceOf = (error) =>
  [error.message ?? String(error)]
    .concat(isAppError(error) ? (error.details?.errors ?? []).map(({ path, message }) => `${path} ${message}`) : [])
    .join(' ');

await main().catch((error) => fail(sentenceOf(error)));
