import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  askedBy,
  type CallContext,
  facts,
  factSubject,
  graph,
  mayAsk,
  type NatsIdentity,
  ownerOf,
  replayFacts,
  retryFacts,
  rpcSubject,
  type ServiceName,
  SERVICES,
} from '#contracts';
import { Bus, FACTS_STREAM, type Heard, replayTo, retryDeadLetters } from '#messaging';
import { callContext, until } from '#testing';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Attempt, questionsOf, questionSubjects, refusedOf, views, Wire } from './wire.fixture.js';

let wire: Wire;
const ctx: CallContext = callContext();
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());

const APIS = ['FACTS_API', '$JS.API'];
/** What JetStream is told by its masters, as far as it names no service. */
const MASTERY = [
  'INFO',
  ...['NAMES', 'LIST', 'CREATE.OTHER', 'DELETE.OTHER', 'INFO.OTHER'].map((verb) => `STREAM.${verb}`),
  ...['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'MSG.GET', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'].map(
    (verb) => `STREAM.${verb}.FACTS`,
  ),
  ...['STREAM.LEADER.STEPDOWN.FACTS', 'META.LEADER.STEPDOWN', 'ACCOUNT.PURGE.FACTS', 'DIRECT.GET.FACTS'],
  ...['CREATE', 'NAMES', 'LIST'].map((verb) => `CONSUMER.${verb}.FACTS`),
].flatMap((subject) => APIS.map((api) => `${api}.${subject}`));
const SYSTEM = ['$SYS.REQ.SERVER.PING', '$SYS.REQ.ACCOUNT.PING.CONNZ', '$SYS.ACCOUNT.SERVICES.CONNECT', '$SRV.PING'];
const EVERYTHING = ['>', '*', '*.>', '*.*', 'rpc.>', 'rpc.*.>', 'fact.>', 'live.>', '_INBOX.>', '_R_.>', '$SYS.>'];
const STREAM = ['$JS.>', '$JS.API.>', '$JS.ACK.>', '$JS.ACK.FACTS.>', '$JS.EVENT.ADVISORY.>', 'FACTS_API.>'];

const publishing = (me: NatsIdentity): [subject: string, allowed: boolean][] => {
  const edges = SERVICES.includes(me as ServiceName) ? graph[me as ServiceName] : null;
  return [
    ...SERVICES.flatMap((other): [string, boolean][] => {
      const ownConsumer = other === me && edges!.hears.length > 0;
      return [
        ...questionsOf(other).map((question): [string, boolean] => [
          rpcSubject(question),
          edges !== null && mayAsk(me as ServiceName, question),
        ]),
        ...[replayFacts(other), retryFacts(other)].map((one): [string, boolean] => [
          rpcSubject(one),
          me === 'operator',
        ]),
        [`rpc.${other}.made.up.v1`, false],
        [`fact.${other}.thing.made_up.v1`, false],
        [`live.${other}.thing.made.v1.t.e`, false],
        [`_INBOX_${other}.abc.def`, false],
        [`FACTS_API.CONSUMER.INFO.FACTS.${other}`, ownConsumer],
        [`FACTS_API.CONSUMER.MSG.NEXT.FACTS.${other}`, ownConsumer],
        [`$JS.ACK.FACTS.${other}.1.1.1.1.0`, ownConsumer],
        ...['CONSUMER.DURABLE.CREATE', 'CONSUMER.CREATE', 'CONSUMER.DELETE'].flatMap((verb) =>
          APIS.map((api): [string, boolean] => [
            `${api}.${verb}.FACTS.${other}`,
            api === '$JS.API' && me === 'bootstrap',
          ]),
        ),
      ];
    }),
    ...facts.flatMap((fact): [string, boolean][] => [
      [factSubject(fact), ownerOf(fact) === me],
      [`FACTS_API.DIRECT.GET.FACTS.${factSubject(fact)}`, ownerOf(fact) === me],
    ]),
    ...views.map((view): [string, boolean] => [`live.${view.subject}.t.e`, ownerOf(view) === me]),
    ...MASTERY.map((subject): [string, boolean] => [subject, subject.startsWith('$JS.API') && me === 'bootstrap']),
    ['FACTS_API.STREAM.INFO.FACTS', edges !== null],
    ['_INBOX_operator.abc.def', edges !== null],
    ...['_INBOX_bootstrap.abc.def', '_INBOX.abc.def', '_R_.abc', ...SYSTEM].map((subject): [string, boolean] => [
      subject,
      false,
    ]),
  ];
};

const subscribing = (me: NatsIdentity): [subject: string, allowed: boolean][] => {
  const watched = SERVICES.includes(me as ServiceName) ? graph[me as ServiceName].watches : [];
  return [
    ...SERVICES.flatMap((other): [string, boolean][] => [
      ...[...questionSubjects(other), ...[replayFacts(other), retryFacts(other)].map(rpcSubject)].map(
        (subject): [string, boolean] => [subject, other === me],
      ),
      ...[`rpc.${other}.>`, `rpc.${other}.*.*.*`, `fact.${other}.>`, `live.${other}.>`].map(
        (subject): [string, boolean] => [subject, false],
      ),
    ]),
    ...[...SERVICES, 'operator', 'bootstrap'].flatMap((other): [string, boolean][] => [
      [`_INBOX_${other}.>`, other === me],
      [`_INBOX_${other}.*`, other === me],
    ]),
    ...facts.map((fact): [string, boolean] => [factSubject(fact), watched.includes(fact)]),
    ...views.flatMap((view): [string, boolean][] => [
      [`live.${view.subject}.>`, watched.includes(view)],
      [`live.${view.subject}.*.*`, watched.includes(view)],
    ]),
    ...[...EVERYTHING, ...STREAM].map((subject): [string, boolean] => [subject, false]),
  ];
};

const attemptsOf = (me: NatsIdentity): Attempt[] => [
  ...publishing(me).map(([subject, allowed]) => ({ verb: 'publish' as const, subject, allowed })),
  ...subscribing(me).map(([subject, allowed]) => ({ verb: 'subscription' as const, subject, allowed })),
];

describe('the server refuses what the graph does not say, and nothing else', () => {
  it.each(SERVICES)('to %s', async (me) => {
    const attempts = attemptsOf(me);
    const before = (await wire.manager.streams.info(FACTS_STREAM)).created;
    const refused = await refusedOf(wire.as(me), attempts);
    const told = (one: Attempt) => `${one.verb} ${one.subject}`;
    expect([...refused].sort()).toEqual([...new Set(attempts.filter((one) => !one.allowed).map(told))].sort());
    const after = await wire.manager.streams.info(FACTS_STREAM);
    expect([after.created, after.state.consumer_count]).toEqual([before, hearing.length]);
    expect(attempts.filter(({ allowed }) => allowed).length).toBeGreaterThan(5);
  });

  it.each(['operator', 'bootstrap'] as const)('to the %s', async (me) => {
    // What it may do to the stream is left out: it would be done.
    const attempts = attemptsOf(me).filter(({ subject, allowed }) => !(allowed && subject.startsWith('$JS.API')));
    const refused = await refusedOf(wire.as(me), attempts);
    const expected = attempts.filter((one) => !one.allowed).map(({ verb, subject }) => `${verb} ${subject}`);
    expect([...refused].sort()).toEqual([...new Set(expected)].sort());
  });
});

const hearing = SERVICES.filter((service) => graph[service].hears.length > 0);
const asking = SERVICES.flatMap((asker) => askedBy(asker).map((asked) => [asker, asked] as const));

/** Answers as the service with what was asked. */
const echo = async (service: ServiceName, subjects: string[]): Promise<() => void> => {
  const connection = wire.as(service);
  const subscriptions = subjects.map((subject) =>
    connection.subscribe(subject, {
      queue: service,
      callback: (_error, message) => {
        const { id, pattern } = message.json<{ id: string; pattern: string }>();
        message.respond(JSON.stringify({ id, response: { pattern, facts: 7 } }));
      },
    }),
  );
  await connection.flush();
  return () => subscriptions.forEach((subscription) => subscription.unsubscribe());
};

describe('everything the graph says works', () => {
  it.each(asking)('%s asks %s', async (asker, asked) => {
    const stop = await echo(asked, questionSubjects(asked));
    const bus = new Bus(wire.as(asker), asker);
    for (const question of questionsOf(asked).filter((one) => mayAsk(asker, one))) {
      expect(await bus.call(ctx, question, {})).toMatchObject({ pattern: rpcSubject(question) });
    }
    stop();
  });

  it.each(SERVICES)('an operator has facts of %s sent and heard again', async (service) => {
    const stop = await echo(service, [rpcSubject(replayFacts(service)), rpcSubject(retryFacts(service))]);
    expect(await retryDeadLetters(wire.as('operator'), service)).toBe(7);
    for (const hearer of hearing.filter((one) => graph[one].hears.some((fact) => ownerOf(fact) === service))) {
      const others = new Set(graph[hearer].hears.map((fact) => ownerOf(fact) as ServiceName));
      others.delete(service);
      const stops = await Promise.all([...others].map((one) => echo(one, [rpcSubject(replayFacts(one))])));
      const told = await replayTo(wire.as('operator'), hearer, new Date(0).toISOString());
      expect(told[service]).toBe(7);
      for (const one of stops) one();
    }
    stop();
  });

  it.each(facts.map((fact) => [fact.subject, fact] as const))(
    '%s is told, read back, seen and heard',
    async (_, fact) => {
      const owner = ownerOf(fact) as ServiceName;
      const seen: string[] = [];
      const watchers = SERVICES.filter((service) => graph[service].watches.includes(fact));
      const stops = watchers.map((service) =>
        new Bus(wire.as(service), service).watchFact(fact, ({ id }: Heard<object>) => seen.push(`${service} ${id}`)),
      );
      for (const service of watchers) await wire.as(service).flush();
      const { seq } = await jetstream(wire.as(owner)).publish(factSubject(fact), JSON.stringify({ id: fact.subject }));
      const kept = await wire.as(owner).request(`FACTS_API.DIRECT.GET.FACTS.${factSubject(fact)}`);
      expect(kept.headers!.get('Nats-Sequence')).toBe(String(seq));
      await until('all to have seen it', () => seen.length === watchers.length);
      expect(seen.sort()).toEqual(watchers.map((service) => `${service} ${fact.subject}`).sort());
      for (const stop of stops) stop();
      for (const service of SERVICES.filter((one) => graph[one].hears.includes(fact))) await hear(service, seq);
    },
  );

  /** Takes everything up to this number from the service's own consumer. */
  const hear = async (service: ServiceName, seq: number): Promise<void> => {
    const stream = jetstream(wire.as(service), { apiPrefix: 'FACTS_API' });
    const consumer = await stream.consumers.get(FACTS_STREAM, service);
    const batch = await consumer.fetch({ max_messages: 256, expires: 5_000 });
    for await (const message of batch) {
      message.ack();
      if (message.seq === seq) break;
    }
    await until('the acknowledgement to arrive', async () => {
      const { ack_floor, num_ack_pending } = await wire.manager.consumers.info(FACTS_STREAM, service);
      return ack_floor.stream_seq >= seq && num_ack_pending === 0;
    });
  };

  it.each(views.map((view) => [view.subject, view] as const))('%s is shown and seen', async (_, view) => {
    const seen: string[] = [];
    const watchers = SERVICES.filter((service) => graph[service].watches.includes(view));
    const stops = watchers.map((service) =>
      new Bus(wire.as(service), service).watch(view, ['*', '*'], () => seen.push(service)),
    );
    for (const service of watchers) await wire.as(service).flush();
    new Bus(wire.as(ownerOf(view) as ServiceName)).show(view, ['t', 'e'], {});
    await until('all to have seen it', () => seen.length >= watchers.length);
    expect(seen.sort()).toEqual([...watchers].sort());
    for (const stop of stops) stop();
  });
});

describe('an answer', () => {
  it('goes once to who asked, and to nobody who did not', async () => {
    const [asker, asked] = asking[0]!;
    const subject = questionSubjects(asked)[0]!;
    const answering: NatsConnection = wire.as(asked);
    let inbox = '';
    const subscription = answering.subscribe(subject, {
      callback: (_error, message) => {
        inbox = message.reply!;
        message.respond('once');
      },
    });
    await answering.flush();
    expect((await wire.as(asker).request(subject)).string()).toBe('once');
    const again = [inbox, `${inbox}x`].map((subject) => ({ verb: 'publish' as const, subject, allowed: false }));
    expect([...(await refusedOf(answering, again))]).toEqual(again.map((one) => `publish ${one.subject}`));
    subscription.unsubscribe();
  });
});
