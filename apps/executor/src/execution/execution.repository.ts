import { executor } from '#contracts';
import { isUuid } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { Between, type FindOptionsSelect } from 'typeorm';
import { Action } from '../action/action.entity.js';
import { Step } from '../step/step.entity.js';
import { stepsOnPage } from '../step/step-page.rules.js';
import { stepView } from '../step/step.view.js';
import { Execution } from './execution.entity.js';
import { cursorInvalid, executionNotFound } from './execution.errors.js';
import { isTerminal } from './execution.rules.js';

/** Actions on one page of steps: about 1 MB, and with the longest texts that are shown still one message of the bus. */
const PAGE_ACTIONS = 500;

/** Runs that one page of a search looks at: 20 ms. */
const SEARCHED = 10_000;

@Injectable()
export class ExecutionRepository {
  /** @throws AppError `execution.not_found` */
  async get(tx: Tx, id: string): Promise<Execution> {
    const found = await tx.findOneBy(Execution, { id });
    if (!found) throw executionNotFound();
    return found;
  }

  /**
   * The row as it is and stays until the transaction ends.
   * @throws AppError `execution.not_found`
   */
  async lock(tx: Tx, id: string): Promise<Execution> {
    const found = await tx.findOne(Execution, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!found) throw executionNotFound();
    return found;
  }

  /**
   * Newest first, and where the next page begins; the cursor is the last id that was looked at for the page before. A
   * search looks at SEARCHED runs a page, however few of them match, so that no page costs more in a longer history.
   * @throws AppError `input.invalid` for a cursor that is none
   */
  async list(
    tx: Tx,
    { cursor, q, limit, ...wanted }: executor.ListExecutions & { limit: number },
  ): Promise<{ rows: Execution[]; next: string | null }> {
    if (cursor && !isUuid(cursor)) throw cursorInvalid();
    const values: unknown[] = [];
    const given = (value: unknown): string => `$${values.push(value)}`;
    const statuses = statusesOf(wanted);
    const conditions = [
      ...(cursor ? [`id < ${given(cursor)}`] : []),
      ...(statuses ? [`status = ANY(${given(statuses)}::text[])`] : []),
      ...(wanted.agent_id ? [`agent_id = ${given(wanted.agent_id)}`] : []),
    ];
    const from = `FROM execution WHERE ${conditions.join(' AND ') || 'true'} ORDER BY id DESC`;
    const filtered = [...values];
    const sql = q
      ? `SELECT * FROM (SELECT * ${from} LIMIT ${SEARCHED}) AS run WHERE ${matching(given(q), given(`${escaped(q)}%`))} ORDER BY id DESC`
      : `SELECT * ${from}`;
    const found: Execution[] = await tx.query(`${sql} LIMIT ${given(limit + 1)}`, values);
    const rows = found.slice(0, limit);
    if (found.length > limit) return { rows, next: rows.at(-1)!.id };
    if (!q) return { rows, next: null };
    const [last] = await tx.query(`SELECT id ${from} OFFSET ${SEARCHED - 1} LIMIT 1`, filtered);
    return { rows, next: last?.id ?? null };
  }

  /** Of runs that wait for their folder, each with the run of this team that works in it, above or below it. */
  async inTheWayOf(tx: Tx, rows: Execution[]): Promise<Map<string, string>> {
    const waiting = rows.filter(waitsForFolder);
    if (waiting.length === 0) return new Map();
    const found: { id: string; holder: string }[] = await tx.query(
      `SELECT id, holder FROM unnest($1::uuid[], $2::text[]) AS run(id, folder), LATERAL (
         SELECT execution_id AS holder FROM workspace_lock
         WHERE execution_id <> id
           AND (path = folder OR starts_with(path, folder || '/') OR starts_with(folder, path || '/'))
         LIMIT 1) AS taken`,
      [waiting.map(({ id }) => id), waiting.map(({ workspace }) => workspace!.path)],
    );
    return new Map(found.map(({ id, holder }) => [id, holder]));
  }

  /** Steps have no gap, so the last number is how many there are. */
  async stepCount(tx: Tx, executionId: string): Promise<number> {
    return (await tx.maximum(Step, 'step', { execution_id: executionId })) ?? 0;
  }

  /**
   * The steps after one, at most `limit` of them and together at most PAGE_ACTIONS actions, unless the first alone has
   * more. Steps have no gap, so a page is a range of the key.
   */
  async stepViews(
    tx: Tx,
    executionId: string,
    after: number,
    limit: number,
  ): Promise<{ items: executor.StepView[]; more: boolean }> {
    const counts: { step: number; actions: number }[] = await tx.query(
      `SELECT step, coalesce((SELECT max(index) + 1 FROM action
                              WHERE action.execution_id = step.execution_id AND action.step = step.step), 0) AS actions
       FROM step WHERE execution_id = $1 AND step > $2::bigint AND step <= $2::bigint + $3 ORDER BY step`,
      [executionId, after, limit + 1],
    );
    if (counts.length === 0) return { items: [], more: false };
    const shown = stepsOnPage(counts, { steps: limit, actions: PAGE_ACTIONS });
    const range = { execution_id: executionId, step: Between(after + 1, counts[shown - 1]!.step) };
    const steps = await tx.find(Step, { where: range, order: { step: 'ASC' } });
    const actions = await tx.find(Action, { select: SHOWN, where: range, order: { step: 'ASC', index: 'ASC' } });
    const ofStep = Map.groupBy(actions, (action) => action.step);
    return { items: steps.map((step) => stepView(step, ofStep.get(step.step) ?? [])), more: shown < counts.length };
  }
}

const waitsForFolder = ({ status, workspace, ending }: Execution): boolean =>
  workspace !== null && (status === 'queued' || (status === 'verifying' && ending?.reopened === true));

/** Null: all of them. */
const statusesOf = ({ status, phase }: executor.ListExecutions): string[] | null => {
  const named = status?.split(',') ?? null;
  if (!phase) return named;
  const inPhase = executor.EXECUTION_STATUSES.filter((one) => isTerminal(one) === (phase === 'completed'));
  return named ? inPhase.filter((one) => named.includes(one)) : inPhase;
};

const escaped = (text: string): string => text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&');

const matching = (text: string, beginning: string): string =>
  `(strpos(lower(task_description), lower(${text})) > 0 OR strpos(lower(agent_id), lower(${text})) > 0
    OR id::text LIKE ${beginning})`;

/** Everything people see of an action; its sealed bytes and its contract stay where they are. */
const SHOWN = {
  execution_id: true,
  step: true,
  index: true,
  status: true,
  tool: true,
  digest: true,
  arguments: true,
  predicted: true,
  decided: true,
  done: true,
  verified: true,
  undone: true,
} as const satisfies FindOptionsSelect<Action>;
