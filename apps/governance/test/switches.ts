import type { governance } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Bus } from '#messaging';
import { KillProgressWorker } from '../src/kill-switch/kill-progress.worker.js';
import { KillStateWorker } from '../src/kill-switch/kill-state.worker.js';
import { KillSwitchRepository } from '../src/kill-switch/kill-switch.repository.js';
import { KillSwitchService } from '../src/kill-switch/kill-switch.service.js';
import type { House } from './fixture.js';

/** An executor that obeys whatever it is told, at once. */
export class Executor {
  readonly replica = uuidv7();
  state: governance.KillState = { epoch: 0, orders: [] };
  counts: Record<string, number> = {};

  constructor(private readonly service: KillSwitchService) {}

  async report(): Promise<void> {
    const { replica, state } = this;
    const stopping = Object.fromEntries(state.orders.map(({ id }) => [id, this.counts[id] ?? 0]));
    const answer = await this.service.report({ replica, epoch: state.epoch, stopping });
    if (answer.state) this.state = answer.state;
  }

  async obey(): Promise<void> {
    await this.report();
    await this.report();
  }
}

/** The classes of one process, whose release stages take so long. */
export const makeSwitches = (house: House, stageSeconds: number) => {
  const bus = { show: () => undefined };
  const state = new KillStateWorker(house.database, bus as unknown as Bus);
  const switches = new KillSwitchRepository();
  const env = { KILL_RELEASE_STAGE_SECONDS: stageSeconds };
  const work = new KillProgressWorker(house.database, state, switches, house.changes, house.facts, env);
  return { work, service: new KillSwitchService(house.database, switches, house.facts, state, work, env) };
};
