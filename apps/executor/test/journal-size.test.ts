import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallContext } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Tx } from '#persistence';
import { callContext } from '#testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ActionRepository } from '../src/action/action.repository.js';
import { ExecutionRepository } from '../src/execution/execution.repository.js';
import { ExecutionService } from '../src/execution/execution.service.js';
import { Run } from '../src/execution/run.js';
import { PlaybookService } from '../src/playbook/playbook.service.js';
import { StepHistory } from '../src/step/step.history.js';
import { ToolRegistry } from '../src/tool/tool.registry.js';
import { type LongRun, openRunStore, undisturbed, type RunStore, writeLongRun } from './long-run.js';
import { scansOf } from './plan.js';
import { openRows, type Rows } from './rows.js';

const STEPS = 20_000;
const ROWS_PER_STEP = 9;
const EXECUTIONS = 1_000;
/** Equally busy ones: whatever index the planner takes, a page reads no more than a page of each. */
const TEAMS = 5;
/** Random places to read at; the ends of the journal besides. */
const PLACES = 20;

const ctx: CallContext = callContext();
const executions = new ExecutionRepository();
let rows: Rows;
let home: string;
let store: RunStore;
let service: ExecutionService;
let long: LongRun;

beforeAll(async () => {
  rows = await openRows();
  home = mkdtempSync(join(tmpdir(), 'spectrace-size-'));
  store = openRunStore(rows.database, join(home, 'key'));
  service = new ExecutionService(rows.database, executions, store.journal);
  long = await writeLongRun(store, ctx, { steps: STEPS });
}, 60_000);
afterAll(async () => {
  await rows.close();
  rmSync(home, { recursive: true });
});

const places = (last: number): number[] => [
  0,
  last - 1,
  last,
  ...Array.from({ length: PLACES }, () => Math.floor(Math.random() * last)),
];
const inTeam = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => rows.database.inTeam(ctx, work);
const fromTo = (first: number, last: number) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);

/** This month's partition of the journal, which the run lies in. */
const partition = async (): Promise<string> => {
  const [row] = await rows.asAdmin<{ name: string }>(
    `SELECT tableoid::regclass::text AS name FROM executor.journal WHERE execution_id = $1 AND seq = 1`,
    [long.id],
  );
  return row!.name.replace('executor.', '');
};

describe(`a run of ${STEPS} steps`, () => {
  it('has one journal without a gap', async () => {
    expect(long.rows).toBe(STEPS * ROWS_PER_STEP);
    const [counted] = await rows.asAdmin(
      `SELECT count(*)::integer AS rows, min(seq) AS first, max(seq) AS last FROM executor.journal WHERE execution_id = $1`,
      [long.id],
    );
    expect(counted).toEqual({ rows: long.rows, first: 1, last: long.rows });
  });

  it('is read by pages of 500 frames that join anywhere', async () => {
    for (const after of places(long.rows)) {
      const page = await service.frames(ctx, { execution_id: long.id, after });
      expect(page.items.map(({ seq }) => seq)).toEqual(fromTo(after + 1, Math.min(after + 500, long.rows)));
      expect(page).toMatchObject({ last_seq: long.rows, completed: false });
    }
    expect((await service.frames(ctx, { execution_id: long.id, after: 2_147_483_647, limit: 1_000 })).items).toEqual(
      [],
    );
  });

  it('is read by pages of 100 steps that join anywhere, the last one without a next', async () => {
    for (const after of places(STEPS)) {
      const page = await service.steps(ctx, { execution_id: long.id, after });
      const last = Math.min(after + 100, STEPS);
      expect(page.items.map(({ step }) => step)).toEqual(fromTo(after + 1, last));
      expect(page.items.every(({ actions }) => actions.length === 1 && actions[0]!.done)).toBe(true);
      expect(page.next_cursor).toBe(last < STEPS ? String(last) : null);
    }
    expect((await service.steps(ctx, { execution_id: long.id, after: 2_147_483_647 })).items).toEqual([]);
  });

  it('is answered with its first steps alone, in about a megabyte', async () => {
    const result = await service.get(ctx, long.id);
    expect(result.execution_trace.map(({ step }) => step)).toEqual(fromTo(1, 500));
    expect(JSON.stringify(result).length).toBeLessThan(1_500_000);
    const next = await service.steps(ctx, { execution_id: long.id, after: 500, limit: 1_000 });
    expect(next.items.map(({ step }) => step)).toEqual(fromTo(501, 1_000));
    expect(next.next_cursor).toBe('1000');
  });

  it('goes on after a restart with everything behind it, in order', async () => {
    const execution = await inTeam((tx) => executions.get(tx, long.id));
    const item = { execution_id: long.id, team: ctx.team, attempt: 2, failures: 0 };
    const run = new Run(rows.database, store.journal, execution, item, undisturbed());
    const playbooks = new PlaybookService(rows.database, new ToolRegistry());
    const history = new StepHistory(new ActionRepository(), store.sealer, playbooks);
    expect(await history.open(run)).toBeNull();
    const { finished } = await history.of(run);
    expect(finished.map(({ step }) => step)).toEqual(fromTo(1, STEPS));
    const path = `build/artefacts/of/the/module/part-${STEPS}.o`;
    expect(finished.at(-1)).toEqual({
      step: STEPS,
      label: `step-${STEPS}`,
      actions: [{ tool: 'file.delete@v1', arguments: { path }, ok: true, output: { path } }],
    });
  });
});

/** The planner knows nothing of rows that have just been written, and everything once they were analysed. */
describe.each(['as it was just written', 'analysed'])('the plan of a page, the table %s', (state) => {
  beforeAll(async () => {
    if (state === 'analysed') await rows.asAdmin(`ANALYZE`);
  });

  it('of the journal reads that page from one partition', async () => {
    const of = await partition();
    for (const after of places(long.rows)) {
      const scans = await inTeam((tx) => scansOf(tx, () => store.journal.read(tx, long.id, after, 500)));
      expect(new Set(scans.map(({ table }) => table))).toEqual(new Set([of]));
      expect(scans.every(({ index }) => index?.endsWith('_pkey'))).toBe(true);
      expect(Math.max(...scans.map(({ rows: read }) => read))).toBeLessThanOrEqual(500);
    }
  });

  it('of steps reads that page of steps and actions by their keys', async () => {
    for (const after of places(STEPS)) {
      const scans = await inTeam((tx) => scansOf(tx, () => executions.stepViews(tx, long.id, after, 100)));
      expect(new Set(scans.map(({ index }) => index))).toEqual(new Set(['step_pkey', 'action_pkey']));
      expect(Math.max(...scans.map(({ rows: read }) => read))).toBeLessThanOrEqual(101);
    }
  });
});

describe(`${EXECUTIONS} executions of a team among those of others`, () => {
  beforeAll(async () => {
    const others = Array.from({ length: TEAMS - 1 }, () => uuidv7());
    await rows.asAdmin(
      `INSERT INTO executor.execution (id, team_id, status, agent_id, agent_type, task_description, max_steps, principal, on_behalf_of)
       SELECT gen.id, gen.team, CASE WHEN gen.n % 100 < 5 THEN 'failed' ELSE 'succeeded' END, 'of a test', 'playbook', 'x', 10, '{}', '{}'
       FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS gen(id, team, n)`,
      [
        Array.from({ length: EXECUTIONS * TEAMS }, () => uuidv7()),
        Array.from({ length: EXECUTIONS * TEAMS }, (_, i) => (i % TEAMS === 0 ? ctx.team : others[(i % TEAMS) - 1])),
      ],
    );
    await rows.asAdmin(`ANALYZE executor.execution`);
  });

  it('are listed by pages that join, newest first, without a look at a journal', async () => {
    const ids: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await service.list(ctx, { limit: 200, cursor });
      ids.push(...page.items.map(({ id }) => id));
      if (!page.next_cursor) break;
      cursor = page.next_cursor;
    }
    expect(ids).toHaveLength(EXECUTIONS + 1);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());

    for (const page of [{ limit: 50 }, { limit: 50, cursor: ids[500] }]) {
      const scans = await inTeam((tx) => scansOf(tx, () => executions.list(tx, page)));
      expect(scans).toEqual([
        { table: 'execution', index: expect.stringMatching(/_newest$|_pkey$/), rows: expect.any(Number) },
      ]);
      expect(scans[0]!.rows).toBeLessThanOrEqual(51 * TEAMS);
    }
  });

  it('of one status are found by an index, too', async () => {
    const scans = await inTeam((tx) => scansOf(tx, () => executions.list(tx, { limit: 50, status: 'failed' })));
    expect(scans.map(({ index }) => index)).toEqual([expect.stringMatching(/_by_status$|_newest$|_pkey$/)]);
  });
});
