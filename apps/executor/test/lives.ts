import { expect } from '@jest/globals';
import { executor as contract } from '#contracts';
import type { RunningService } from '#service';
import { until } from '#testing';
import { type Engine, treeOf } from './engine.js';
import { type Death, makeMortal, type Mortal } from './mortal.js';

/** A run, and where each engine that drives it loses it. */
export interface Life {
  id: string;
  folder: string;
  deaths: Death[];
}

/** What people do about a run besides allowing whatever they are asked. */
export interface People {
  /** Before any engine has seen it. */
  submitted?: (id: string) => Promise<unknown>;
  /** Whenever they look at it, until it is lost or over. */
  looking?: (run: Pick<contract.ExecutionView, 'id' | 'status' | 'paused_reason'>) => Promise<unknown>;
}

/** Engines that come one after the other: each drives what the one before it lost. */
export class Lives {
  people: People = {};

  private constructor(
    private readonly engine: Engine,
    readonly services: RunningService[],
    readonly mortals: Mortal[],
  ) {}

  static async start(engine: Engine, generations: number): Promise<Lives> {
    const services: RunningService[] = [];
    for (let i = 0; i < generations; i++) services.push(await engine.start(6));
    return new Lives(engine, services, await Promise.all(services.map(makeMortal)));
  }

  /** One run of the playbook for each list of deaths, driven to its end. */
  async live(playbook: string, files: Record<string, string>, deaths: Death[][]): Promise<Life[]> {
    const lives: Life[] = [];
    for (const [generation, mortal] of this.mortals.entries()) {
      mortal.deathOf = (id) => lives.find((life) => life.id === id)?.deaths[generation] ?? null;
    }
    for (const one of deaths) {
      const folder = this.engine.folder(files);
      const id = await this.engine.submit(playbook, folder);
      lives.push({ deaths: one, folder, id });
      await this.people.submitted?.(id);
    }
    for (const mortal of this.mortals) await this.drive(mortal, lives);
    return lives;
  }

  /** Every place where the first engine can lose a run of this playbook. */
  async everyDeath(playbook: string, files: Record<string, string>): Promise<Death[]> {
    const [life] = await this.live(playbook, files, [[]]);
    const commits = this.mortals[0]!.commits.get(life!.id)!;
    return commits.flatMap((_, i): Death[] => [
      { commit: i + 1, moment: 'before' },
      { commit: i + 1, moment: 'after' },
    ]);
  }

  /** Until it has ended every run that it does not lose; whatever people are asked, they allow. */
  private async drive(mortal: Mortal, lives: Life[]): Promise<void> {
    const { governance, asAdmin } = this.engine;
    await asAdmin(`UPDATE executor.work SET lease_until = '-infinity' WHERE state = 'leased'`);
    mortal.work();
    const over = async (): Promise<boolean> => {
      for (const one of governance.asked) if (one.status === 'pending') await governance.decide(one, 'approved');
      await this.look(lives.filter(({ id }) => !mortal.dead.has(id)));
      const left = await asAdmin<{ id: string }>(`SELECT execution_id AS id FROM executor.work WHERE state <> 'done'`);
      return left.every(({ id }) => mortal.dead.has(id));
    };
    await until('the engine has lost or ended every run', over, 60_000);
    await mortal.pause();
  }

  private async look(lives: Life[]): Promise<void> {
    const { looking } = this.people;
    if (!looking) return;
    const sql = `SELECT id, status, paused_reason FROM executor.execution WHERE id = ANY($1)`;
    const runs = await this.engine.asAdmin<contract.ExecutionView>(sql, [lives.map(({ id }) => id)]);
    for (const run of runs) await looking(run);
  }

  /** What must be so however often a run was lost; `ends`: how often it ended. */
  async assertWhole(
    { id, deaths }: Life,
    expected: contract.ExecutionStatus,
    ends = 1,
  ): Promise<contract.ExecutionResult> {
    const { engine } = this;
    const result = await engine.get(id);
    expect([deaths, result.status]).toEqual([deaths, expected]);
    const frames = await engine.frames(id);
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i + 1));
    const times = (kind: string) => frames.filter((frame) => frame.kind === kind).length;
    const once = ['execution.started', 'execution.verifying', 'execution.finished'].map(times);
    expect([deaths, once, times('action.recovered') <= deaths.length]).toEqual([deaths, [1, 1, ends], true]);
    expect(frames.at(-1)!.kind).toBe('execution.finished');
    const verified = frames.filter(({ kind }) => kind === 'action.verified').map(({ step }) => step!.actions[0]!.key);
    expect(new Set(verified).size).toBe(verified.length);
    const facts = await engine.asAdmin<{ type: string; version: number }>(
      `SELECT type, version FROM executor.fact WHERE aggregate_id = $1 ORDER BY version`,
      [id],
    );
    expect(facts.map(({ version }) => version)).toEqual(facts.map((_, i) => i + 1));
    expect(facts.map(({ type }) => type).filter((type) => type !== contract.actionDecided.subject)).toEqual([
      contract.executionSubmitted.subject,
      ...Array.from({ length: ends }, () => contract.executionFinished.subject),
    ]);
    expect(await engine.asAdmin(`SELECT 1 FROM executor.workspace_lock WHERE execution_id = $1`, [id])).toEqual([]);
    const open = `SELECT 1 FROM executor.hold WHERE execution_id = $1 AND status IN ('held', 'undoing')`;
    expect(await engine.asAdmin(open, [id])).toEqual([]);
    return result;
  }
}

/** What the files of a folder hold; other things and modes are left out. */
export const contentsOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(treeOf(folder)).flatMap(([path, text]) => (text.startsWith('644 ') ? [[path, text.slice(4)]] : [])),
  );
