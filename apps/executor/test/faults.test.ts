import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import type { RunningService } from '#service';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HoldService } from '../src/hold/hold.service.js';
import { FRAME_OF } from '../src/journal/journal.kinds.js';
import { type Engine, openEngine, statusesOf, STEPS_HEAD, treeOf } from './engine.js';
import { contentsOf, Lives, type People } from './lives.js';
import type { Death } from './mortal.js';

let engine: Engine;
let lives: Lives;
beforeAll(async () => {
  engine = await openEngine();
  lives = await Lives.start(engine, 3);
  engine.governance.policy = ({ paths }) => (paths.includes('data/asked') ? 'ask' : 'allow');
});
afterAll(() => engine.close());
afterEach(() => {
  lives.people = {};
  engine.prediction.beforeAssessing = async () => undefined;
});

/** Bounded by the number of commits; the machine may be busy. */
const LONG_MS = 120_000;

const FILES = { log: '0\n', 'cache/x': 'x', 'cache/y': 'y', 'data/asked': 'd', 'config.json': '{}' };

/** Every kind of turn: nothing, a read, deletes, an effect that can only be done again, one that is undone, an approval. */
const SAMPLE = `${STEPS_HEAD}steps:
  - { id: scan, uses: file.list@v1, with: { path: . } }
  - { id: never, if: false, uses: file.delete@v1, with: { path: log } }
  - { id: clean, for_each: [cache/x, cache], max: 2, uses: file.delete@v1, with: { path: "\${{ item }}", recursive: true } }
  - { id: add, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo 1 >> log"] }, expect: { modified: [log] } }
  - id: stray
    uses: shell.run@v1
    with: { argv: [/bin/sh, -c, "echo 2 >> log; echo x > config.json"] }
    expect: { modified: [log] }
    on_failure: continue
  - { id: note, uses: file.write@v1, with: { path: notes/done, content: done } }
  - { id: asked, uses: file.delete@v1, with: { path: data/asked } }
`;
const SAMPLE_STATUSES = ['kept', 'kept', 'kept', 'kept', 'undone', 'kept', 'kept'];
const SAMPLE_LEAVES = { 'config.json': '{}', log: '0\n1\n', 'notes/done': 'done' };

/** Effects that all have to be taken back, under policies that a recovery could mistake for one another. */
const ROLLBACK = `${STEPS_HEAD}steps:
  - { id: note, uses: file.write@v1, with: { path: notes/done, content: done } }
  - { id: add, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo 1 >> log"] }, expect: { modified: [log] }, on_failure: continue }
  - { id: clean, uses: file.delete@v1, with: { path: cache, recursive: true } }
  - { id: stray, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo x > config.json"] }, on_failure: rollback }
`;

const PAUSED = `${STEPS_HEAD}steps:
  - { id: a, uses: file.write@v1, with: { path: a, content: a } }
  - { id: add, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo 1 >> log"] }, expect: { modified: [log] } }
  - { id: b, uses: file.write@v1, with: { path: notes/b, content: b } }
  - { id: asked, uses: file.delete@v1, with: { path: data/asked } }
  - { id: d, uses: file.write@v1, with: { path: d, content: d } }
`;
const PAUSED_LEAVES = {
  ...{ a: 'a', d: 'd', 'notes/b': 'b', log: '0\n1\n' },
  ...{ 'cache/x': 'x', 'cache/y': 'y', 'config.json': '{}' },
};

/** Kinds that a request of people writes, whoever drives the run. */
const ASKED = ['execution.pause_requested', 'execution.cancel_requested', 'execution.rollback_requested'];

const ask = (request: contract.ExecutionRequest, execution_id: string) =>
  engine.bus.call(engine.ctx, contract.execution[request], { execution_id });

const resumePaused: People['looking'] = async ({ id, status, paused_reason }) => {
  if (status === 'paused' && paused_reason !== 'approval') await ask('resume', id);
};

/** Once for every run, while the action of this step is being assessed. */
const atAssessment = (step: number, act: (id: string) => Promise<unknown>): void => {
  const before = engine.prediction.beforeAssessing;
  const done = new Set<string>();
  engine.prediction.beforeAssessing = async (input) => {
    await before(input);
    if (input.step !== step || done.has(input.execution_id)) return;
    done.add(input.execution_id);
    await act(input.execution_id);
  };
};
const pauseBefore = (...steps: number[]): void => steps.forEach((step) => atAssessment(step, (id) => ask('pause', id)));

/** Somebody writes into a folder between the effect that makes this file and its observation; ends by a call. */
const writeBeside = (service: RunningService, made: string): (() => void) => {
  const holds = service.app.get(HoldService);
  const observe = holds.observe.bind(holds);
  holds.observe = async (team, root) => {
    if (existsSync(join(root.path, made))) writeFileSync(join(root.path, 'theirs'), 'theirs');
    return observe(team, root);
  };
  return () => void (holds.observe = observe);
};

const assertSample = async (all: Death[][]): Promise<void> => {
  for (const life of await lives.live(SAMPLE, FILES, all)) {
    const result = await lives.assertWhole(life, 'failed');
    expect([life.deaths, statusesOf(result), contentsOf(life.folder)]).toEqual([
      life.deaths,
      SAMPLE_STATUSES,
      SAMPLE_LEAVES,
    ]);
    expect(result.failure!.code).toBe('contract.deviated');
    expect(existsSync(join(life.folder, 'cache'))).toBe(false);
    for (const [generation] of life.deaths.entries()) expect(lives.mortals[generation]!.dead.has(life.id)).toBe(true);
  }
};

describe('a run that is lost at a commit goes on in another engine as if it had not been', () => {
  it(
    'at every commit of a run with effects, an undo and an approval',
    async () => {
      const deaths = await lives.everyDeath(SAMPLE, FILES);
      expect(deaths.length).toBeGreaterThan(60);
      await assertSample(deaths.map((death) => [death]));
    },
    LONG_MS,
  );

  it(
    'at every commit of a run that is rolled back',
    async () => {
      const untouched = treeOf(engine.folder(FILES));
      const deaths = (await lives.everyDeath(ROLLBACK, FILES)).map((death) => [death]);
      for (const life of await lives.live(ROLLBACK, FILES, deaths)) {
        const result = await lives.assertWhole(life, 'rolled_back');
        expect(statusesOf(result)).toEqual(['undone', 'undone', 'undone', 'undone']);
        expect([life.deaths, result.failure!.message]).toEqual([life.deaths, expect.stringContaining('step "stray"')]);
        expect([life.deaths, treeOf(life.folder)]).toEqual([life.deaths, untouched]);
      }
    },
    LONG_MS,
  );

  it(
    'between an effect and its result, and lost again at the first commit of the recovery',
    async () => {
      const [life] = await lives.live(SAMPLE, FILES, [[]]);
      const commits = lives.mortals[0]!.commits.get(life!.id)!;
      const effects = commits.flatMap((kinds, i) => (kinds.includes('action.done') ? [i + 1] : []));
      expect(effects).toHaveLength(SAMPLE_STATUSES.length);
      const deaths = effects.flatMap((commit): Death[][] => [
        [
          { commit, moment: 'before' },
          { commit: 1, moment: 'before' },
        ],
        [
          { commit, moment: 'before' },
          { commit: 1, moment: 'after' },
        ],
      ]);
      await assertSample(deaths);
    },
    LONG_MS,
  );

  it(
    'at every commit of a run that people pause three times and resume',
    async () => {
      pauseBefore(1, 4);
      lives.people.submitted = (id) => ask('pause', id);
      lives.people.looking = resumePaused;
      const deaths = (await lives.everyDeath(PAUSED, FILES)).map((death) => [death]);
      expect(deaths.length).toBeGreaterThan(40);
      for (const life of await lives.live(PAUSED, FILES, deaths)) {
        const result = await lives.assertWhole(life, 'succeeded');
        expect([life.deaths, statusesOf(result)]).toEqual([life.deaths, ['kept', 'kept', 'kept', 'kept', 'kept']]);
        expect([life.deaths, contentsOf(life.folder)]).toEqual([life.deaths, PAUSED_LEAVES]);
        const paused = (await engine.frames(life.id)).filter(({ kind }) => kind === 'execution.paused');
        const reasons = paused.map(({ paused_reason }) => paused_reason);
        // One of them is asked for while the approval is: it comes before or after that, as the run is lost.
        expect([life.deaths, reasons.sort()]).toEqual([life.deaths, ['approval', 'person', 'person', 'person']]);
      }
    },
    LONG_MS,
  );

  it.each([
    [3, 'when an action was allowed', ['undone', 'undone', 'skipped']],
    [4, 'when an approval is asked for', ['undone', 'undone', 'undone', 'skipped']],
  ])(
    'at every commit of a run that people roll back in step %i, %s',
    async (step, _, statuses) => {
      const untouched = treeOf(engine.folder(FILES));
      atAssessment(step, (id) => ask('rollback', id));
      const deaths = (await lives.everyDeath(PAUSED, FILES)).map((death) => [death]);
      for (const life of await lives.live(PAUSED, FILES, deaths)) {
        const result = await lives.assertWhole(life, 'rolled_back');
        expect([life.deaths, statusesOf(result)]).toEqual([life.deaths, statuses]);
        expect([life.deaths, treeOf(life.folder)]).toEqual([life.deaths, untouched]);
      }
    },
    LONG_MS,
  );

  it(
    'at every commit of a run that people roll back after it ended',
    async () => {
      const untouched = treeOf(engine.folder(FILES));
      lives.people.looking = ({ id, status }) => (status === 'succeeded' ? ask('rollback', id) : Promise.resolve());
      const deaths = (await lives.everyDeath(PAUSED, FILES)).map((death) => [death]);
      for (const life of await lives.live(PAUSED, FILES, deaths)) {
        const result = await lives.assertWhole(life, 'rolled_back', 2);
        expect([life.deaths, new Set(statusesOf(result))]).toEqual([life.deaths, new Set(['undone'])]);
        expect([life.deaths, treeOf(life.folder)]).toEqual([life.deaths, untouched]);
      }
    },
    LONG_MS,
  );

  it(
    'at every commit after something that nobody could judge and a person keeps',
    async () => {
      const undo = lives.services.map((service) => writeBeside(service, 'd'));
      lives.people.looking = resumePaused;
      const all = await lives.everyDeath(PAUSED, FILES);
      const commits = [...lives.mortals[0]!.commits.values()].at(-1)!;
      const judged = commits.findIndex(
        (kinds) => kinds.includes('action.verified') && kinds.includes('execution.paused'),
      );
      const deaths = all.filter(
        ({ commit, moment }) => commit > judged + 1 || (commit === judged + 1 && moment === 'after'),
      );
      expect(deaths.length).toBeGreaterThan(5);
      for (const life of await lives.live(
        PAUSED,
        FILES,
        deaths.map((death) => [death]),
      )) {
        const result = await lives.assertWhole(life, 'unverifiable');
        expect([life.deaths, statusesOf(result)]).toEqual([life.deaths, ['kept', 'kept', 'kept', 'kept', 'kept']]);
        expect(contentsOf(life.folder)).toEqual({ ...PAUSED_LEAVES, theirs: 'theirs' });
      }
      for (const one of undo) one();
    },
    LONG_MS,
  );

  it('every kind of row that a run writes was such a place', () => {
    const kinds = new Set([...lives.mortals[0]!.commits.values()].flat(2));
    const others = ['execution.submitted', ...ASKED, 'action.recovered'];
    expect([...kinds].sort()).toEqual(
      Object.keys(FRAME_OF)
        .filter((kind) => !others.includes(kind))
        .sort(),
    );
  });
});
