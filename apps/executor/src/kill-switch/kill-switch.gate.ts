import { type CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { Bus } from '#messaging';
import { Injectable } from '@nestjs/common';
import { stateUnknown } from './kill-switch.errors.js';

/**
 * What was read longer ago is read again before anything begins by it. A switch is answered 0.4 s after its request at
 * the latest, so nothing begins later than 0.4 s after that answer, whatever was lost on the way.
 */
const FRESH_MS = 800;
const READ_TIMEOUT_MS = 1_000;

/** A process's own word, for no team. */
const SELF = { kind: 'service' as const, id: 'executor', name: 'executor' };
const CONTEXT: CallContext = {
  team: '00000000-0000-0000-0000-000000000000',
  principal: SELF,
  on_behalf_of: SELF,
  roles: [],
};

/**
 * The kill switches this process obeys, in memory: to be asked right before anything begins. It knows nothing at the
 * start and forgets what it read too long ago, and then nothing begins.
 */
@Injectable()
export class KillSwitchGate {
  /** This process, new with every start. */
  private readonly replica = uuidv7();
  private state: governance.KillState = { epoch: 0, orders: [] };
  /** On the monotonic clock, before the question was sent. */
  private readAt = -Infinity;
  private reading: Promise<void> | null = null;
  private stopping: Record<string, number> = {};

  constructor(private readonly bus: Bus) {}

  get current(): governance.KillState {
    return this.state;
  }

  /** The switch by which nothing of this may begin; null: none is in the way. Only good right after `fresh`. */
  against(subject: governance.KillSubject): governance.KillOrder | null {
    return governance.orderAgainst(this.state.orders, subject);
  }

  /**
   * Resolves once `against` goes by what was so within the last 0.8 s.
   * @throws AppError `kill_switch.unknown`, retryable, when governance does not say
   */
  async fresh(): Promise<void> {
    while (performance.now() - this.readAt > FRESH_MS) {
      await this.read().catch((error: unknown) => {
        throw stateUnknown(error);
      });
    }
  }

  /** Tells governance what this process obeys, and learns what there is to obey. */
  read(): Promise<void> {
    this.reading ??= this.ask().finally(() => (this.reading = null));
    return this.reading;
  }

  /** What is told with the next `read`: switch id -> executions that have not ended. */
  counted(stopping: Record<string, number>): void {
    this.stopping = stopping;
  }

  /** A state that was sent some time ago: newer than ours or nothing. */
  hear(state: governance.KillState): boolean {
    if (state.epoch <= this.state.epoch) return false;
    this.state = state;
    return true;
  }

  private async ask(): Promise<void> {
    const asked = performance.now();
    const { replica, stopping } = this;
    const { epoch } = this.state;
    const input = { replica, epoch, stopping };
    const answer = await this.bus.call(CONTEXT, governance.killSwitch.report, input, { timeoutMs: READ_TIMEOUT_MS });
    if (answer.state) this.hear(answer.state);
    // An answer from before what was heard meanwhile says nothing about now.
    if (answer.epoch >= this.state.epoch) this.readAt = asked;
  }
}
