import { catalogues, facts, graph, type ServiceName, SERVICES } from './graph.js';
import { type Fact, factSubject, type Live, ownerOf, type Rpc, rpcSubject } from './message.js';
import { replayFacts, retryFacts, serviceReady } from './service.js';

/** The one stream; it takes `fact.>`. */
export const FACTS_STREAM = 'FACTS';
/** What `$JS.API` is called where services are: they reach the few subjects of it that they need, and no other. */
export const FACTS_API = 'FACTS_API';
/** JetStream's own name for it, where stream and services share one account. */
export const JETSTREAM_API = '$JS.API';

/** Longer than any question of a service to another may take: the trial of a bundle of policies waits for its turn. */
const ANSWER_WITHIN = '300s';

/**
 * Who connects to NATS, each with a key of its own: every service; `operator`, who has facts sent or heard again; and
 * `bootstrap`, which alone makes the stream and its consumers, changes and purges them.
 */
export type NatsIdentity = ServiceName | 'operator' | 'bootstrap';
export const NATS_IDENTITIES: readonly NatsIdentity[] = [...SERVICES, 'operator', 'bootstrap'];

/** As nats-server's configuration writes it. What is not listed is refused; an empty list would allow everything. */
export interface NatsPermissions {
  publish: { allow: string[] };
  subscribe: { allow: string[] };
  /** A message may be answered, on its own reply subject. */
  allow_responses?: { max: number; expires: string };
}

/** The section `accounts` of nats-server's configuration. */
export interface NatsAccounts {
  accounts: Record<'SERVICES' | 'FACTS', object>;
}

/** Begins the subjects on which answers come; a shared one would let everybody read every answer. */
export const inboxPrefixOf = (identity: NatsIdentity): string => `_INBOX_${identity}`;

/** Whom it asks anything. */
export const askedBy = (service: ServiceName): ServiceName[] =>
  SERVICES.filter((other) => graph[service].asks.some((question) => ownerOf(question) === other));

/** What a service may ask: its edges of the graph, and of each whom it asks anything whether it can work. */
const questionsFrom = (service: ServiceName): Rpc<object, object>[] => [
  ...graph[service].asks,
  ...askedBy(service).map(serviceReady),
];

export const mayAsk = (service: ServiceName, { subject }: { subject: string }): boolean =>
  questionsFrom(service).some((question) => question.subject === subject);

/** Who may put a question, beside operators. */
export const askersOf = (question: { subject: string }): ServiceName[] =>
  SERVICES.filter((service) => mayAsk(service, question));

/** What a service answers, beside operators. */
export const questionsOf = (service: ServiceName): Rpc<object, object>[] => [
  ...Object.values(catalogues[service]).flatMap((questions) => Object.values(questions)),
  serviceReady(service),
];
const operatorQuestions = (service: ServiceName): Rpc<object, object>[] => [replayFacts(service), retryFacts(service)];
const views: Live<object>[] = [...new Set(SERVICES.flatMap((service) => graph[service].watches))].filter(
  (seen): seen is Live<object> => seen.kind === 'live',
);
const ownedBy = <M extends { subject: string }>(service: ServiceName, messages: readonly M[]): M[] =>
  messages.filter((message) => ownerOf(message) === service);
const seenOn = (seen: Live<object> | Fact<object>): string =>
  seen.kind === 'live' ? `live.${seen.subject}.>` : factSubject(seen);

/** A service's part of the JetStream API, and the acknowledgements of its own consumer. */
const streamSubjects = (service: ServiceName): { api: string[]; acknowledgements: string[] } => {
  const hears = graph[service].hears.length > 0;
  const consumer = `${FACTS_STREAM}.${service}`;
  return {
    api: [
      `STREAM.INFO.${FACTS_STREAM}`,
      ...ownedBy(service, facts).map((fact) => `DIRECT.GET.${FACTS_STREAM}.${factSubject(fact)}`),
      ...(hears ? [`CONSUMER.INFO.${consumer}`, `CONSUMER.MSG.NEXT.${consumer}`] : []),
    ],
    acknowledgements: hears ? [`$JS.ACK.${consumer}.>`] : [],
  };
};

const permissionsOfService = (service: ServiceName): NatsPermissions => {
  const { watches } = graph[service];
  const { api, acknowledgements } = streamSubjects(service);
  return {
    publish: {
      allow: [
        ...questionsFrom(service).map(rpcSubject),
        ...ownedBy(service, facts).map(factSubject),
        ...ownedBy(service, views).map(seenOn),
        ...api.map((subject) => `${FACTS_API}.${subject}`),
        ...acknowledgements,
        // An operator's question may take longer than a question may be answered otherwise.
        `${inboxPrefixOf('operator')}.>`,
      ],
    },
    subscribe: {
      allow: [
        ...[...questionsOf(service), ...operatorQuestions(service)].map(rpcSubject),
        ...watches.map(seenOn),
        `${inboxPrefixOf(service)}.>`,
      ],
    },
    allow_responses: { max: 1, expires: ANSWER_WITHIN },
  };
};

/** What an identity may publish and subscribe, as far as the graph of contracts goes. */
export const permissionsOf = (identity: NatsIdentity): NatsPermissions => {
  if (identity !== 'operator' && identity !== 'bootstrap') return permissionsOfService(identity);
  return {
    publish: {
      allow:
        identity === 'bootstrap'
          ? [`${JETSTREAM_API}.>`]
          : SERVICES.flatMap((service) => operatorQuestions(service).map(rpcSubject)),
    },
    subscribe: { allow: [`${inboxPrefixOf(identity)}.>`] },
  };
};

/**
 * The accounts of a NATS server that knows these public keys. JetStream is an account of its own: in one account with it,
 * a publisher who names a subject of its API as reply has the server's own acknowledgement purge the stream, whatever the
 * publisher's permissions say. What crosses over is listed: facts into the stream, and the few requests above.
 */
export const natsAccounts = (publicKeys: Record<NatsIdentity, string>): NatsAccounts => {
  const user = (identity: NatsIdentity) => ({ nkey: publicKeys[identity], permissions: permissionsOf(identity) });
  const api = new Set(SERVICES.flatMap((service) => streamSubjects(service).api));
  const straight = [
    ...facts.map(factSubject),
    ...SERVICES.flatMap((service) => streamSubjects(service).acknowledgements),
  ];
  const isFetch = (subject: string) => subject.startsWith('CONSUMER.MSG.NEXT.');
  return {
    accounts: {
      SERVICES: {
        users: NATS_IDENTITIES.filter((identity) => identity !== 'bootstrap').map(user),
        imports: [
          ...straight.map((subject) => ({ service: { account: 'FACTS', subject } })),
          ...[...api].map((subject) => ({
            service: { account: 'FACTS', subject: `${JETSTREAM_API}.${subject}` },
            to: `${FACTS_API}.${subject}`,
          })),
        ],
      },
      FACTS: {
        jetstream: 'enabled',
        users: [user('bootstrap')],
        exports: [
          ...straight.map((service) => ({ service, accounts: ['SERVICES'] })),
          ...[...api].map((subject) => ({
            service: `${JETSTREAM_API}.${subject}`,
            accounts: ['SERVICES'],
            ...(isFetch(subject) && { response_type: 'Stream' }),
          })),
        ],
      },
    },
  };
};
