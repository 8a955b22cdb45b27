import type { CallContext } from '#contracts';
import { AppError, isAppError } from '#kernel';
import { Loop } from '#messaging';
import { childOf, currentTrace, TrackedGauge } from '#telemetry';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { tokenExpired } from '../auth/auth.errors.js';
import { Authenticator, type Caller } from '../auth/authenticator.js';
import { type Permission } from '../auth/permission.rules.js';
import { type Closing, STOPPING, UNCHECKED } from './live.rules.js';

/** With those of their keys. */
const MAX_PER_PERSON = 100;
const CHECK_MS = 1_000;
/** Checks at the same time. */
const LANES = 2;
/** Without a check for this long, whoever is connected is sent away. */
const UNCHECKED_MS = 30_000;
const GOODBYE_MS = 1_000;
/** Time that a reader has to take the goodbye. */
const LINGER_MS = 10_000;

export const CHANNELS = ['ws', 'socket_io', 'sse'] as const;
export type Channel = (typeof CHANNELS)[number];

/** The other end of a connection, as its channel has it. */
export interface LiveReader {
  /** Bytes that wait for it. */
  waiting(): number;
  /** Says why, and ends. */
  close(closing: Closing): void;
  /** Ends without a word. */
  destroy(): void;
}

/** What a connection has to be allowed as long as it is open. */
type Needs = Permission | 'signed_in';

/** One open connection of one caller. */
export class Connection {
  reader: LiveReader | null = null;
  checkedMs = performance.now();
  linger: NodeJS.Timeout | null = null;
  /** Whatever is asked for this connection belongs to the trace of its opening. */
  private readonly trace: string;

  constructor(
    readonly channel: Channel,
    public caller: Caller,
    readonly needs: Needs,
  ) {
    this.trace = currentTrace() ?? childOf(undefined);
  }

  /** The caller as of the last check. */
  context(): CallContext {
    const { team, principal, on_behalf_of, roles } = this.caller;
    return { team, principal, on_behalf_of, roles, trace: this.trace };
  }

  close(closing: Closing): void {
    if (this.linger) return;
    this.linger = setTimeout(() => this.reader?.destroy(), LINGER_MS);
    this.reader?.close(closing);
  }
}

const openSockets = new TrackedGauge('spectrace_live_open_sockets', 'Open live connections.', ['channel']);
const waitingBytes = new TrackedGauge('spectrace_live_waiting_bytes', 'Bytes that wait for slow readers.', ['channel']);

/** Every open connection of the three channels: how many, whose, and whether they may still be. */
@Injectable()
export class Connections implements OnModuleInit {
  /** How long a reader may leave everything unread. */
  readonly patienceMs: number = 60_000;
  private readonly log = new Logger(Connections.name);
  private readonly open = new Set<Connection>();
  private readonly perPerson = new Map<string, number>();
  private readonly checks = new Loop(
    () => this.checkAll(),
    CHECK_MS,
    (error) => this.log.error({ err: error }),
  );
  /** What kept a round from checking somebody. */
  private failure: unknown = null;
  private stopping = false;
  private readonly untrack: (() => void)[];
  private emptied: () => void = () => undefined;

  constructor(private readonly authenticator: Authenticator) {
    const sum = (valueOf: (connection: Connection) => number) => () =>
      CHANNELS.map((channel) => {
        const values = [...this.open].filter((one) => one.channel === channel).map(valueOf);
        return { labels: { channel }, value: values.reduce((total, value) => total + value, 0) };
      });
    this.untrack = [openSockets.track(sum(() => 1)), waitingBytes.track(sum(({ reader }) => reader?.waiting() ?? 0))];
  }

  onModuleInit(): void {
    this.checks.start();
  }

  /**
   * A place for one more connection; `leave` gives it back.
   * @throws AppError `service.stopping`, `live.too_many`, or what `needs` lacks
   */
  enter(channel: Channel, caller: Caller, needs: Needs): Connection {
    this.authenticator.permit(caller, needs);
    if (this.stopping) throw new AppError('service.stopping', 'The server stops.', { retryable: true });
    const id = caller.grant.user;
    const count = this.perPerson.get(id) ?? 0;
    if (count >= MAX_PER_PERSON) {
      throw new AppError('live.too_many', `At most ${MAX_PER_PERSON} live connections a person at a time.`);
    }
    this.perPerson.set(id, count + 1);
    const connection = new Connection(channel, caller, needs);
    this.open.add(connection);
    return connection;
  }

  leave(connection: Connection): void {
    if (!this.open.delete(connection)) return;
    if (connection.linger) clearTimeout(connection.linger);
    const id = connection.caller.grant.user;
    const left = this.perPerson.get(id)! - 1;
    if (left === 0) this.perPerson.delete(id);
    else this.perPerson.set(id, left);
    if (this.open.size === 0) this.emptied();
  }

  /** @throws AppError `auth.permission_missing`, `auth.password_change_required` */
  permit(connection: Connection, permission: Permission): void {
    this.authenticator.permit(connection.caller, permission);
  }

  /** Lets nobody in any more, and sends everybody away. Resolves when they have gone, after a second at the latest. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.checks.stop();
    for (const untrack of this.untrack) untrack();
    if (this.open.size === 0) return;
    const gone = new Promise<void>((resolve) => (this.emptied = resolve));
    for (const connection of [...this.open]) connection.close(STOPPING);
    const timer = setTimeout(() => this.destroyAll(), GOODBYE_MS);
    await gone;
    clearTimeout(timer);
  }

  private destroyAll(): void {
    for (const connection of [...this.open]) {
      connection.reader?.destroy();
      this.leave(connection);
    }
  }

  /** Who comes by the same sign-in in the same team is asked about once. */
  private async checkAll(): Promise<void> {
    const groups = new Map<string, Connection[]>();
    for (const connection of this.open) {
      const { team, grant } = connection.caller;
      const key = `${grant.user} ${grant.session} ${grant.key?.id} ${team}`;
      groups.set(key, [...(groups.get(key) ?? []), connection]);
    }
    const left = groups.values();
    const lane = async (): Promise<void> => {
      for (const group of left) await this.check(group);
    };
    this.failure = null;
    await Promise.all(Array.from({ length: LANES }, lane));
    if (this.failure) this.log.warn({ err: this.failure });
  }

  private async check(group: Connection[]): Promise<void> {
    const latest = group.reduce((one, other) => (other.caller.grant.endsAt > one.caller.grant.endsAt ? other : one));
    const { grant, team } = latest.caller;
    try {
      const now = await this.authenticator.now(grant, team);
      for (const connection of group) this.renew(connection, now);
    } catch (error) {
      for (const connection of group) this.doubt(connection, error);
    }
  }

  private renew(connection: Connection, now: Caller): void {
    const { grant } = connection.caller;
    connection.checkedMs = performance.now();
    connection.caller = { ...now, grant };
    try {
      if (Date.now() >= grant.endsAt) throw tokenExpired();
      this.authenticator.permit(now, connection.needs);
    } catch (error) {
      this.doubt(connection, error);
    }
  }

  private doubt(connection: Connection, error: unknown): void {
    if (isAppError(error) && !error.retryable) return connection.close({ code: error.code, message: error.message });
    this.failure = error;
    if (performance.now() - connection.checkedMs > UNCHECKED_MS) connection.close(UNCHECKED);
  }
}
