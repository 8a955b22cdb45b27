import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { executor } from '#contracts';
import { Chance, until } from '#testing';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf, type Caller } from './caller.js';
import { SuiteProcess } from './suite-process.js';
import { upTo } from './watcher.js';
import { makeWorkspace } from './workspace.js';

const RUNS = 50;
const SEED = 20_261_120;
/** Answers on their way when the suite is killed. */
const UNDER_WAY = 8;
const TEST_MS = 300_000;
const ALL_MS = 120_000;
const LOOK_MS = 300;
const PAGE = 200;
const FILE = 'data/customers.db';
const APPROVER = 'approver@example.org';
const PLAYBOOK = `
apiVersion: playbook/v1
name: drop
steps:
  - id: drop
    uses: file.delete@v1
    with: { path: ${FILE} }
`;

interface Asked {
  id: string;
  folder: string;
  approval: string;
  decision: 'approve' | 'reject';
  /** Said with the answer, so that it can be found again. */
  reason: string;
}

let suite: SuiteProcess;
beforeAll(async () => {
  suite = await SuiteProcess.open();
}, 120_000);
afterAll(() => suite?.close(), 60_000);

/** So many runs, each waiting for an answer about a file of its own. */
const ask = async (chance: Chance): Promise<Asked[]> => {
  await suite.admin.register(PLAYBOOK);
  const runs = new Map<string, string>();
  for (const n of upTo(RUNS)) {
    const folder = makeWorkspace(join(suite.workspaces, `run-${n}`), { [FILE]: `${n}\n` });
    runs.set(await suite.admin.submit('drop', folder), folder);
  }
  const questions = await until(
    'every run to wait',
    async () => {
      const { body } = await suite.admin.get(`/api/autonomy/approvals?status=pending&limit=${PAGE}`);
      return body.items.length === RUNS && (body.items as { id: string; execution_id: string }[]);
    },
    ALL_MS,
    LOOK_MS,
  );
  return questions.map(({ id: approval, execution_id: id }) => {
    const decision = chance.next() < 0.5 ? 'approve' : 'reject';
    return { id, folder: runs.get(id)!, approval, decision, reason: `${decision} ${id}` };
  });
};

/** The answer's status; null when nobody answered. The same answer always has the same key. */
const answer = async (approver: Caller, { approval, decision, reason }: Asked): Promise<number | null> => {
  const path = `/api/autonomy/approvals/${approval}/${decision}`;
  const headers = { 'idempotency-key': approval };
  return approver.call('POST', path, { body: { reason }, headers }).then(
    ({ status }) => status,
    () => null,
  );
};

const ended = (): Promise<executor.ExecutionView[]> =>
  until(
    'every run to end',
    async () => {
      const { body } = await suite.admin.get(`/api/executions?limit=${PAGE}`);
      const items = body.items as executor.ExecutionView[];
      return items.every(({ phase }) => phase === 'completed') && items;
    },
    ALL_MS,
    LOOK_MS,
  );

it(
  'fifty approvals answered in any order, across a kill -9, each decide their own action and no other',
  async () => {
    const chance = new Chance(SEED);
    const approver = await suite.person(APPROVER, 'approver');
    const asked = chance.shuffled(await ask(chance));
    const half = asked.splice(0, RUNS / 2);
    const [before, cut] = [half.slice(UNDER_WAY), half.slice(0, UNDER_WAY)];
    expect(await Promise.all(before.map((one) => answer(approver, one)))).toEqual(before.map(() => 200));
    const underWay = cut.map((one) => answer(approver, one));
    await suite.crash();
    const told = await Promise.all(underWay);
    await suite.start();
    const again = await suite.personAgain(APPROVER);
    const late = chance.shuffled([...asked, ...cut]);
    for (const one of late) expect([one.id, await answer(again, one)]).toEqual([one.id, 200]);
    expect(told.every((status) => status === null || status === 200)).toBe(true);
    const views = new Map((await ended()).map((view) => [view.id, view]));
    const misrouted: string[] = [];
    for (const { id, folder, approval, decision, reason } of [...half, ...asked]) {
      const isGone = !existsSync(join(folder, FILE));
      const { status, failure } = views.get(id)!;
      const expected = decision === 'approve' ? [true, 'succeeded', null] : [false, 'failed', 'approval.rejected'];
      const said = (await again.get(`/api/autonomy/approvals/${approval}`)).body;
      const isOwn = said.votes.length === 1 && said.votes[0].reason === reason && said.votes[0].decision === decision;
      const used = said.status === (decision === 'approve' ? 'claimed' : 'rejected');
      if (JSON.stringify([isGone, status, failure?.code ?? null]) !== JSON.stringify(expected) || !isOwn || !used) {
        misrouted.push(`${id}: ${decision}, ${status}, ${failure?.code}, ${said.status}`);
      }
      const [action] = actionsOf(await suite.admin.execution(id));
      expect(action!.decided).toMatchObject({ approval_id: approval, approvers: isGone ? [APPROVER] : [] });
    }
    expect(misrouted).toEqual([]);
  },
  TEST_MS,
);
