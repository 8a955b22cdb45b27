import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FRAME_OF } from '../src/journal/journal.kinds.js';
import { type Engine, openEngine, statusesOf, STEPS_HEAD, treeOf } from './engine.js';
import { contentsOf, Lives } from './lives.js';
import type { Death } from './mortal.js';

let engine: Engine;
let lives: Lives;
beforeAll(async () => {
  engine = await openEngine();
  lives = await Lives.start(engine, 3);
  engine.governance.policy = ({ paths }) => (paths.includes('data/asked') ? 'ask' : 'allow');
});
afterAll(() => engine.close());

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

  it('every kind of row that a run writes was such a place', () => {
    const kinds = new Set([...lives.mortals[0]!.commits.values()].flat(2));
    const others = ['execution.submitted', 'execution.cancel_requested', 'action.refused', 'action.recovered'];
    expect([...kinds].sort()).toEqual(
      Object.keys(FRAME_OF)
        .filter((kind) => !others.includes(kind))
        .sort(),
    );
  });
});
