import { describe, expect, it } from '@jest/globals';
import {
  catalogues,
  facts,
  graph,
  NATS_IDENTITIES,
  natsAccounts,
  type NatsIdentity,
  ownerOf,
  permissionsOf,
  SERVICES,
} from './index.js';

const publishes = (identity: NatsIdentity): string[] => permissionsOf(identity).publish.allow;
const subscribes = (identity: NatsIdentity): string[] => permissionsOf(identity).subscribe.allow;
const questionsOf = (service: (typeof SERVICES)[number]): string[] =>
  Object.values(catalogues[service]).flatMap((questions) =>
    Object.values(questions).map(({ subject }) => `rpc.${subject}`),
  );

describe('permissions', () => {
  it('are lists that are never empty: to nats-server an empty one allows everything', () => {
    for (const identity of NATS_IDENTITIES) {
      expect(publishes(identity).length).toBeGreaterThan(0);
      expect(subscribes(identity).length).toBeGreaterThan(0);
    }
  });

  it('name subjects whole, or everything below one; a star would also let wider subscriptions pass', () => {
    for (const subject of NATS_IDENTITIES.flatMap((one) => [...publishes(one), ...subscribes(one)])) {
      expect(subject).toMatch(/^[\w$-]+(\.[\w$-]+)+(\.>)?$|^(_INBOX_[\w-]+|\$JS\.API)\.>$/);
    }
  });

  it('say each subject once', () => {
    for (const identity of NATS_IDENTITIES) {
      for (const list of [publishes(identity), subscribes(identity)]) expect(new Set(list).size).toBe(list.length);
    }
  });

  it('let nobody but their owner take questions, and their askers put them', () => {
    for (const owner of SERVICES) {
      for (const question of questionsOf(owner)) {
        expect(NATS_IDENTITIES.filter((one) => subscribes(one).includes(question))).toEqual([owner]);
        const asking = SERVICES.filter((one) => graph[one].asks.some(({ subject }) => `rpc.${subject}` === question));
        expect(NATS_IDENTITIES.filter((one) => publishes(one).includes(question))).toEqual(asking);
      }
    }
  });

  it('let facts be told by their owner and seen by who watches them', () => {
    for (const fact of facts) {
      const subject = `fact.${fact.subject}`;
      expect(NATS_IDENTITIES.filter((one) => publishes(one).includes(subject))).toEqual([ownerOf(fact)]);
      expect(NATS_IDENTITIES.filter((one) => subscribes(one).includes(subject))).toEqual(
        SERVICES.filter((service) => graph[service].watches.includes(fact)),
      );
    }
  });

  it('give an inbox to its owner alone', () => {
    for (const identity of NATS_IDENTITIES) {
      const inbox = `_INBOX_${identity}.>`;
      expect(NATS_IDENTITIES.filter((one) => subscribes(one).includes(inbox))).toEqual([identity]);
    }
  });

  it("leave what changes stream and consumers to the bootstrap, and operators' questions to the operator", () => {
    const changing = /(STREAM|CONSUMER)\.(CREATE|UPDATE|DELETE|PURGE|DURABLE)|\$JS\.API/;
    const told = NATS_IDENTITIES.filter((one) => publishes(one).some((subject) => changing.test(subject)));
    expect(told).toEqual(['bootstrap']);
    const operating = NATS_IDENTITIES.filter((one) => publishes(one).some((subject) => /\.fact\.re/.test(subject)));
    expect(operating).toEqual(['operator']);
  });

  it('of a service are these', () => {
    expect(permissionsOf('prediction')).toEqual({
      publish: {
        allow: [
          'FACTS_API.STREAM.INFO.FACTS',
          'FACTS_API.CONSUMER.INFO.FACTS.prediction',
          'FACTS_API.CONSUMER.MSG.NEXT.FACTS.prediction',
          '$JS.ACK.FACTS.prediction.>',
          '_INBOX_operator.>',
        ],
      },
      subscribe: {
        allow: [
          ...questionsOf('prediction'),
          'rpc.prediction.service.ready.v1',
          'rpc.prediction.fact.replay.v1',
          'rpc.prediction.fact.retry.v1',
          '_INBOX_prediction.>',
        ],
      },
      allow_responses: { max: 1, expires: '300s' },
    });
  });
});

describe('the accounts of a server', () => {
  const keys = Object.fromEntries(NATS_IDENTITIES.map((one) => [one, `key of ${one}`]));
  const { accounts } = natsAccounts(keys as Record<NatsIdentity, string>) as {
    accounts: Record<
      'SERVICES' | 'FACTS',
      {
        jetstream?: string;
        users: { nkey: string }[];
        exports?: { service: string; accounts: string[] }[];
        imports?: { service: { account: string; subject: string } }[];
      }
    >;
  };

  it('know every key once, and only the bootstrap where JetStream is', () => {
    expect(accounts.FACTS.users.map(({ nkey }) => nkey)).toEqual(['key of bootstrap']);
    const others = NATS_IDENTITIES.filter((one) => one !== 'bootstrap').map((one) => `key of ${one}`);
    expect(accounts.SERVICES.users.map(({ nkey }) => nkey)).toEqual(others);
    expect([accounts.FACTS.jetstream, accounts.SERVICES.jetstream]).toEqual(['enabled', undefined]);
  });

  it('share what is imported, to the services alone, and nothing that changes the stream', () => {
    const shared = accounts.FACTS.exports!.map(({ service }) => service);
    expect(accounts.SERVICES.imports!.map(({ service }) => service.subject)).toEqual(shared);
    for (const one of accounts.FACTS.exports!) expect(one.accounts).toEqual(['SERVICES']);
    const allowed =
      /^(fact\.|\$JS\.ACK\.FACTS\.|\$JS\.API\.(STREAM\.INFO|DIRECT\.GET|CONSUMER\.(INFO|MSG\.NEXT))\.FACTS)/;
    expect(shared.filter((subject) => !allowed.test(subject))).toEqual([]);
  });
});
