import { type CallContext, executor } from '#contracts';
import { AppError, isAppError } from '#kernel';
import type { Bus } from '#messaging';
import { Logger } from '@nestjs/common';
import type { Socket } from 'socket.io';
import { permissionMissing } from '../auth/auth.errors.js';
import { permissionsOf } from '../auth/permission.rules.js';
import { Backlog } from './backlog.js';
import type { Connection, Connections, LiveReader } from './connections.js';
import { oncePerFrame } from './frame-text.js';
import { hasEars, type Hint, mayHear } from './hint.rules.js';
import { JournalFollower } from './journal-follower.js';
import { type Closing, isLost, SLOW, type Watch } from './live.rules.js';
import type { EngineOutlet } from './socket-io.outlet.js';
import { joinOf, leaveOf, MAX_JOINED, teamProblem } from './socket-io.rules.js';
import type { TeamRooms } from './team-rooms.js';

/** Hints that may wait for a slow reader. */
const MAX_HINTS = 1_000;

/** Socket.IO protocol 5: an EVENT packet in the root namespace is `2` and a JSON array. */
const packetOf = (event: string, body: object): string => `2${JSON.stringify([event, body])}`;

const packetOfFrame = oncePerFrame((frame) => {
  const packet = packetOf(frame.type, frame);
  return { packet, bytes: Buffer.byteLength(packet) };
});

type Answer = (result: object) => void;

/** An execution that is followed, or, without a follower yet, being joined. */
interface Place {
  follower: JournalFollower | null;
}

interface Parts {
  bus: Bus;
  rooms: TeamRooms;
  connections: Connections;
  connection: Connection;
  outlet: EngineOutlet;
}

/** One Socket.IO client: the executions it follows and its team's room. */
export class SocketIoSocket implements LiveReader {
  private readonly joined = new Map<string, Place>();
  private readonly backlog: Backlog;
  private readonly hints = new Map<string, Hint>();
  private readonly log = new Logger(SocketIoSocket.name);
  private leaveTeam: (() => void) | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly parts: Parts,
  ) {
    this.backlog = new Backlog(() => parts.outlet.waiting(), parts.connections.patienceMs, {
      drained: () => this.drained(),
      stuck: () => parts.connection.close(SLOW),
    });
    // Never goes on to `next`: no name that a client chose is emitted here.
    socket.use((packet) => this.hear(packet));
    socket.on('disconnect', () => {
      this.stop();
      socket.conn.close(); // nothing is left that the connection could be for
    });
  }

  flushed(): void {
    this.backlog.flushed();
  }

  waiting(): number {
    return this.parts.outlet.waiting();
  }

  close({ code, message }: Closing): void {
    this.stop();
    this.parts.outlet.write(packetOf('error', { code, message }));
    this.socket.disconnect(true);
  }

  destroy(): void {
    this.parts.outlet.destroy();
  }

  private hear([event, ...args]: unknown[]): void {
    const last = args.at(-1);
    const answer = typeof last === 'function' ? (last as Answer) : null;
    if (answer) args.pop();
    const id = idIn(args);
    const refuse = (error: unknown): void => this.refuse(error, answer, id);
    this.perform(event, args).then((result) => answer?.({ ok: true, ...result }), refuse);
  }

  /** What a client asked for; whoever does not ask for an acknowledgement hears of a failure by an `error` event. */
  private async perform(event: unknown, args: unknown[]): Promise<object> {
    switch (event) {
      case 'join_execution':
        return this.join(valid(joinOf(args)));
      case 'leave_execution':
        this.leave(valid(leaveOf(args)));
        return {};
      case 'join_team':
        return this.joinTeam(args);
      default:
        throw new AppError('message.unknown', 'Send join_execution, leave_execution or join_team.');
    }
  }

  private async join({ execution_id, after }: Watch): Promise<object> {
    const { bus, connections, connection } = this.parts;
    connections.permit(connection, 'execution.read');
    this.leave(execution_id);
    if (this.joined.size >= MAX_JOINED) {
      throw new AppError('live.too_many_joined', `At most ${MAX_JOINED} executions at a time; leave one first.`);
    }
    const place: Place = { follower: null };
    this.joined.set(execution_id, place);
    const ctx = connection.context();
    try {
      const { last_seq } = await bus.call(ctx, executor.journal.read, { execution_id, after, limit: 1 });
      // Left, or joined again, in the meantime: then the later word counts.
      if (this.joined.get(execution_id) === place) place.follower = this.follow(ctx, { execution_id, after });
      return { last_seq };
    } catch (error) {
      if (this.joined.get(execution_id) === place) this.joined.delete(execution_id);
      throw error;
    }
  }

  private follow(ctx: CallContext, { execution_id, after }: Watch): JournalFollower {
    const follower = new JournalFollower(this.parts.bus, ctx, execution_id, after, {
      send: (frame) => this.send(frame),
      ended: () => this.leave(execution_id),
      failed: (error) => {
        if (!isLost(error)) return;
        this.leave(execution_id);
        this.refuse(error, null, execution_id);
      },
    });
    if (this.backlog.isFull) follower.pause();
    follower.start();
    return follower;
  }

  private leave(id: string): void {
    this.joined.get(id)?.follower?.stop();
    this.joined.delete(id);
  }

  /** What changes after the acknowledgement is hinted at; what changed before is in what the client reads then. */
  private async joinTeam(args: unknown[]): Promise<object> {
    const { bus, connection, rooms } = this.parts;
    const { team, roles } = connection.caller;
    const problem = teamProblem(args, team);
    if (problem) throw problem;
    if (!hasEars(permissionsOf(roles))) throw permissionMissing('execution.read');
    this.leaveTeam ??= rooms.join(team, (hint) => this.hint(hint));
    await bus.watching();
    return {};
  }

  private hint(hint: Hint): void {
    if (!mayHear(permissionsOf(this.parts.connection.caller.roles), hint)) return;
    if (!this.backlog.isFull) return this.write(packetOf('hint', hint));
    this.hints.set(`${hint.type} ${hint.id}`, hint);
    if (this.hints.size > MAX_HINTS) this.parts.connection.close(SLOW);
  }

  private send(frame: executor.Frame): boolean {
    const { packet, bytes } = packetOfFrame(frame);
    this.write(packet, bytes);
    return !this.backlog.isFull;
  }

  private write(packet: string, bytes?: number): void {
    this.parts.outlet.write(packet, bytes);
    if (this.backlog.isFull || this.backlog.hasRoom()) return;
    this.parts.outlet.endure(true);
    for (const { follower } of this.joined.values()) follower?.pause();
  }

  private drained(): void {
    this.parts.outlet.endure(false);
    const hints = [...this.hints.values()];
    this.hints.clear();
    for (const hint of hints) this.write(packetOf('hint', hint));
    for (const { follower } of [...this.joined.values()]) if (!this.backlog.isFull) follower?.drained();
  }

  /** A client that does not read gets no complaints either. */
  private refuse(error: unknown, answer: Answer | null, execution_id: string | undefined): void {
    if (!isAppError(error)) this.log.error({ err: error });
    const known = isAppError(error) ? error : new AppError('internal.error', 'Something went wrong on our side.');
    const { code, message } = known;
    if (answer) answer({ ok: false, code, message });
    else if (!this.backlog.isFull)
      this.write(packetOf('error', { code, message, ...(execution_id && { execution_id }) }));
  }

  private stop(): void {
    this.backlog.stop();
    this.parts.outlet.endure(false);
    for (const id of [...this.joined.keys()]) this.leave(id);
    this.leaveTeam?.();
    this.leaveTeam = null;
  }
}

const valid = <T>(parsed: T | AppError): T => {
  if (parsed instanceof AppError) throw parsed;
  return parsed;
};

/** Which execution a refused message was about, if it said so. */
const idIn = (args: unknown[]): string | undefined => {
  const parsed = joinOf(args);
  return parsed instanceof AppError ? undefined : parsed.execution_id;
};
