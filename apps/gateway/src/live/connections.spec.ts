import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { Logger } from '@nestjs/common';
import type { Authenticator, Caller, Grant } from '../auth/authenticator.js';
import { tokenExpired } from '../auth/auth.errors.js';
import { type Connection, Connections } from './connections.js';

// What it logs is not what is asserted here.
Logger.overrideLogger(false);

const HOUR_MS = 3_600_000;

const callerOf = (user: string, session: string | null = null, endsAt = Date.now() + HOUR_MS): Caller => {
  const principal = { kind: 'person' as const, id: user, name: `${user}@example.org` };
  return {
    principal,
    person: {
      id: user,
      email: `${user}@example.org`,
      name: user,
      installation_admin: false,
      one_time: false,
      password_issued: null,
      places: [],
    },
    on_behalf_of: principal,
    team: 'a team',
    roles: ['viewer'],
    permissions: [],
    grant: { user, team: 'a team', session, key: null, endsAt },
    one_time: false,
  };
};

describe('open connections', () => {
  let connections: Connections;
  let asked: Grant[];
  let answer: (grant: Grant) => Caller;
  let closed: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    asked = [];
    closed = [];
    answer = ({ user, session, endsAt }) => callerOf(user, session, endsAt);
    const authenticator = {
      permit: () => undefined,
      now: async (grant: Grant) => {
        asked.push(grant);
        return answer(grant);
      },
    };
    connections = new Connections(authenticator as unknown as Authenticator);
    connections.onModuleInit();
  });
  afterEach(async () => {
    const stopping = connections.stop();
    await jest.advanceTimersByTimeAsync(2_000);
    await stopping;
    jest.useRealTimers();
  });

  const enter = (caller: Caller): Connection => {
    const connection = connections.enter('ws', caller, 'execution.read');
    connection.reader = { waiting: () => 0, close: ({ code }) => closed.push(code), destroy: () => closed.push('cut') };
    return connection;
  };

  it('by one sign-in are checked by one question a second', async () => {
    await jest.advanceTimersByTimeAsync(10);
    for (let n = 0; n < 50; n += 1) enter(callerOf('ada', 'one'));
    enter(callerOf('ada', 'two'));
    enter(callerOf('bob', 'three'));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(asked.map(({ session }) => session).sort()).toEqual(['one', 'three', 'two']);
  });

  it('end each with its own token, though another of the same sign-in lives on', async () => {
    enter(callerOf('ada', 'one', Date.now() + 5_000));
    const long = enter(callerOf('ada', 'one'));
    await jest.advanceTimersByTimeAsync(4_000);
    expect(closed).toEqual([]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(closed).toEqual(['auth.token_expired']);
    expect(long.caller.grant.endsAt).toBeGreaterThan(Date.now());
  });

  it('that cannot be checked live on for half a minute and no longer', async () => {
    enter(callerOf('ada'));
    await jest.advanceTimersByTimeAsync(1_000);
    answer = () => {
      throw new Error('the database is away');
    };
    await jest.advanceTimersByTimeAsync(25_000);
    expect(closed).toEqual([]);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(closed).toEqual(['service.unavailable']);
  });

  it('whose goodbye is not taken are cut', async () => {
    const connection = enter(callerOf('ada'));
    answer = () => {
      throw tokenExpired();
    };
    await jest.advanceTimersByTimeAsync(2_000);
    expect(closed).toEqual(['auth.token_expired']);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(closed).toEqual(['auth.token_expired', 'cut']);
    connections.leave(connection);
  });

  it('count for one person over all channels, and free their place once', () => {
    const id = uuidv7();
    const open = Array.from({ length: 100 }, () => enter(callerOf(id)));
    expect(() => enter(callerOf(id))).toThrow(expect.objectContaining({ code: 'live.too_many' }));
    connections.leave(open[0]!);
    connections.leave(open[0]!);
    enter(callerOf(id));
    expect(() => connections.enter('sse', callerOf(id), 'execution.read')).toThrow(
      expect.objectContaining({ code: 'live.too_many' }),
    );
  });
});
