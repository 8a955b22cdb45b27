import { FACTS_STREAM, type NatsIdentity, NATS_IDENTITIES, permissionsOf } from '#contracts';
import { table } from './markdown.js';

/** Why it may, by what the subject is; the first that fits. */
const REASONS: [RegExp, string][] = [
  [/^rpc\..+\.fact\.(replay|retry)\.v1$/, 'an operator has facts sent or heard again'],
  [/^rpc\..+\.service\.ready\.v1$/, 'whether a service can work'],
  [/^rpc\./, 'questions'],
  [/^fact\./, 'facts'],
  [/^live\./, 'live views'],
  [/^_INBOX_operator\./, 'answers to an operator'],
  [/^_INBOX_/, 'answers to its own questions'],
  [/STREAM\.INFO/, 'whether the stream is still the same'],
  [/DIRECT\.GET/, 'its newest fact there'],
  [/CONSUMER|\$JS\.ACK/, 'its own consumer'],
  [/\$JS\.API/, 'stream and consumers'],
];

const reasonOf = (subject: string): string => REASONS.find(([pattern]) => pattern.test(subject))![1];

const rows = (subjects: string[]): string => {
  const grouped = Map.groupBy(subjects, reasonOf);
  return table(
    ['for', 'subjects'],
    [...grouped].map(([reason, those]) => [reason, those.map((subject) => `\`${subject}\``).join(' ')]),
  );
};

const section = (identity: NatsIdentity): string => {
  const { publish, subscribe, allow_responses } = permissionsOf(identity);
  const answers = allow_responses ? `, and answer once, within ${allow_responses.expires}, what it was asked` : '';
  return [
    `## ${identity}`,
    `May publish${answers}:`,
    rows(publish.allow),
    'May subscribe:',
    rows(subscribe.allow),
  ].join('\n\n');
};

/** What each key may do on NATS, from the graph of contracts. */
export const permissionsPage = (): string =>
  [
    '# Permissions',
    'Everybody on NATS has a key of its own; what is not listed here is refused by the server. The same as configuration: `npm run -s nats-permissions`.',
    `Services and \`operator\` are in the account \`SERVICES\`, which has no JetStream and reaches \`$JS.API\` of the account \`FACTS\` by the name \`FACTS_API\`, as far as it is listed; \`bootstrap\` and the stream \`${FACTS_STREAM}\` are in \`FACTS\`.`,
    ...NATS_IDENTITIES.map(section),
  ]
    .join('\n\n')
    .concat('\n');
