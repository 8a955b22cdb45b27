import type { RunningService } from '#service';
import { Database, type Tx } from '#persistence';
import { Journal } from '../src/journal/journal.js';
import { WORK_SOURCE, type WorkSource } from '../src/work/work-source.js';

/** Where a process dies in the commit of journal rows: the rows are lost with it, or they are there and it never knew. */
export type Moment = 'before' | 'after';

export interface Death {
  /** Which of the run's commits, from 1. */
  commit: number;
  moment: Moment;
}

/**
 * An executor that dies for one run at a chosen commit: from then on it can write nothing about that run and touches
 * nothing for it, as if its process were gone. Its other runs go on.
 */
export interface Mortal {
  /** From now on it claims work, until it is told to pause. */
  work(): void;
  /** Resolves when no claim of it is under way any more; what it drives it drives on. */
  pause(): Promise<void>;
  /** Its heartbeats reach nobody and it does not notice. */
  deaf: boolean;
  /** Asked when a run makes its first commit: where it is to die; null: nowhere. */
  deathOf: (executionId: string) => Death | null;
  /** Kinds of rows of every commit made here, by run. */
  commits: Map<string, string[][]>;
  dead: Set<string>;
}

class Died extends Error {}

/** The engine pauses until it is told to work. */
export const makeMortal = async (service: RunningService): Promise<Mortal> => {
  const journal = service.app.get(Journal);
  const database = service.app.get(Database);
  const source = service.app.get<WorkSource>(WORK_SOURCE);
  let claiming = false;
  let underway: Promise<unknown> = Promise.resolve();
  const self: Mortal = {
    work: () => void (claiming = true),
    pause: async () => {
      claiming = false;
      await underway;
    },
    deaf: false,
    deathOf: () => null,
    commits: new Map(),
    dead: new Set(),
  };
  const appended = new WeakMap<Tx, { id: string; kinds: string[] }>();
  const dieHere = (id: string, moment: Moment): boolean => {
    const death = self.deathOf(id);
    const made = self.commits.get(id)?.length ?? 0;
    if (death?.moment !== moment || death.commit !== made + (moment === 'before' ? 1 : 0)) return false;
    self.dead.add(id);
    return true;
  };
  const append = journal.append.bind(journal);
  journal.append = async (tx, writer, entries, patch) => {
    if (writer.epoch === null) return append(tx, writer, entries, patch);
    if (self.dead.has(writer.execution_id)) throw new Died();
    appended.set(tx, { id: writer.execution_id, kinds: entries.map(({ kind }) => kind) });
    return append(tx, writer, entries, patch);
  };
  const inTeam = database.inTeam.bind(database);
  database.inTeam = async (ctx, work) => {
    let about: { id: string; kinds: string[] } | undefined;
    const result = await inTeam(ctx, async (tx) => {
      const done = await work(tx);
      about = appended.get(tx);
      if (about && dieHere(about.id, 'before')) throw new Died();
      return done;
    });
    if (!about) return result;
    self.commits.set(about.id, [...(self.commits.get(about.id) ?? []), about.kinds]);
    if (dieHere(about.id, 'after')) throw new Died();
    return result;
  };
  const claim = source.claim.bind(source);
  const finish = source.finish.bind(source);
  const heartbeat = source.heartbeat.bind(source);
  source.heartbeat = async (items) =>
    self.deaf ? [] : heartbeat(items.filter((item) => !self.dead.has(item.execution_id)));
  source.finish = async (item, end) => {
    if (self.dead.has(item.execution_id)) throw new Died();
    return finish(item, end);
  };
  // Once this is asked, no claim from before it is under way.
  await new Promise<void>((asked) => {
    source.claim = async (limit) => {
      asked();
      if (!claiming) return [];
      const claimed = claim(limit);
      underway = claimed.catch(() => undefined);
      return claimed;
    };
  });
  return self;
};
