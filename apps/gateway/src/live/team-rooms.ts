import { executor, type Fact, gateway, governance } from '#contracts';
import { Bus } from '#messaging';
import { Injectable } from '@nestjs/common';
import { type Hint, HINT_WINDOW_MS, HintWindows, type HintType } from './hint.rules.js';

const HINT_OF_FACT: readonly (readonly [Fact<object>, HintType])[] = [
  [governance.approvalRequested, 'approval.requested'],
  [governance.approvalDecided, 'approval.decided'],
  [governance.killRequested, 'kill.requested'],
  [governance.killConfirmed, 'kill.confirmed'],
  [governance.killReleased, 'kill.released'],
  [governance.budgetChanged, 'budget.changed'],
  [governance.budgetReached, 'budget.reached'],
  [governance.violationRecorded, 'violation.recorded'],
  [governance.violationChanged, 'violation.changed'],
  [governance.policyPublished, 'policy.published'],
  [governance.approvalVoted, 'approval.changed'],
  [governance.approvalEdited, 'approval.changed'],
  [governance.approvalClaimed, 'approval.changed'],
  [governance.approvalEscalated, 'approval.escalated'],
  [governance.bypassAdded, 'bypass.changed'],
  [governance.bypassRevoked, 'bypass.changed'],
  [gateway.memberChanged, 'member.changed'],
  [executor.executionSubmitted, 'execution.submitted'],
  [executor.executionFinished, 'execution.finished'],
];

type Listener = (hint: Hint) => void;

/** One team's listeners and the one subscription they share. */
class Room {
  readonly listeners = new Set<Listener>();
  private readonly windows = new HintWindows();
  private readonly unwatch: () => void;
  private timer: NodeJS.Timeout | null = null;

  constructor(bus: Bus, team: string) {
    this.unwatch = bus.watch(executor.journaled, [team, '*'], ({ execution_id }) => this.changed(execution_id));
  }

  tell(hint: Hint): void {
    for (const listener of [...this.listeners]) listener(hint);
  }

  close(): void {
    this.unwatch();
    if (this.timer) clearTimeout(this.timer);
  }

  private changed(id: string): void {
    if (this.windows.offer(id, performance.now())) this.tell({ type: 'execution.changed', id });
    this.timer ??= setTimeout(() => this.tick(), HINT_WINDOW_MS);
  }

  private tick(): void {
    for (const id of this.windows.due(performance.now())) this.tell({ type: 'execution.changed', id });
    this.timer = this.windows.isEmpty ? null : setTimeout(() => this.tick(), HINT_WINDOW_MS);
  }
}

/** What changes in a team, as hints: one subscription per team, and one per fact, however many listen. */
@Injectable()
export class TeamRooms {
  private readonly rooms = new Map<string, Room>();
  private unwatchFacts: (() => void)[] = [];

  constructor(private readonly bus: Bus) {}

  /** Tells the listener what changes, until the returned function is called; whoever listens is a member. */
  join(team: string, listener: Listener): () => void {
    if (this.rooms.size === 0) this.watchFacts();
    const room = this.rooms.get(team) ?? new Room(this.bus, team);
    this.rooms.set(team, room);
    room.listeners.add(listener);
    return () => this.leave(team, room, listener);
  }

  private leave(team: string, room: Room, listener: Listener): void {
    if (!room.listeners.delete(listener) || room.listeners.size > 0) return;
    room.close();
    this.rooms.delete(team);
    if (this.rooms.size > 0) return;
    for (const unwatch of this.unwatchFacts.splice(0)) unwatch();
  }

  private watchFacts(): void {
    this.unwatchFacts = HINT_OF_FACT.map(([fact, type]) =>
      this.bus.watchFact(fact, ({ team, aggregate_id: id }) => this.rooms.get(team)?.tell({ type, id })),
    );
  }
}
