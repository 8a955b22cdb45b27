import type { executor } from '#contracts';
import { generate } from '#sample';
import { until } from '#testing';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Caller } from '../caller.js';
import { treeOf } from '../workspace.js';

const PLAYBOOK = readFileSync(join(import.meta.dirname, 'line.yaml'), 'utf8');
/** The moments before and after its effect in which a command can be killed. */
const APPEND = `#!/bin/sh\nsleep 0.1\necho "$LINE" >> effects.log\nsleep 0.1\n`;
const LOOK_MS = 500;
const RETRY_MS = 250;
const PAGE = 200;
const CUSTOMERS = 'data/customers.db';

/** One run, and all that was said to it from outside. */
export interface Run {
  folder: string;
  /** The folder as it was. */
  before: Record<string, string>;
  id: string | null;
  answer: 'approve' | 'reject';
  /** Whether the answer was taken: 200, or a repeat that was told so. */
  answered: boolean;
  ended: boolean;
}

interface Question {
  id: string;
  execution_id: string;
  arguments: { path?: string };
}

/** The way in, which changes with every restart. */
export interface Door {
  operator(): Caller;
  approver(): Caller;
}

/**
 * People at work: so many runs at a time, a new one for each that ended; every other is approved, the rest rejected.
 * They repeat whatever gets no answer, submissions with their Idempotency-Key.
 */
export class Crowd {
  readonly runs: Run[] = [];
  readonly problems: string[] = [];
  private readonly status = new Map<string, executor.ExecutionView>();
  /** What people are asked now, by run. */
  private questions = new Map<string, Question>();
  private lanes: Promise<unknown> = Promise.resolve();
  private leaving = false;
  private gone = false;

  constructor(
    private readonly door: Door,
    private readonly workspaces: string,
    private readonly size: number,
  ) {}

  async start(): Promise<void> {
    await this.door.operator().register(PLAYBOOK);
    void this.look();
    this.lanes = Promise.all(Array.from({ length: this.size }, () => this.lane()));
  }

  /** Nothing new begins; what is under way has so long to end. */
  async finish(deadlineMs: number): Promise<void> {
    this.leaving = true;
    const late = setTimeout(() => (this.gone = true), deadlineMs);
    await this.lanes;
    clearTimeout(late);
    this.gone = true;
  }

  private async lane(): Promise<void> {
    do await this.perform(this.project());
    while (!this.leaving);
  }

  private project(): Run {
    const n = this.runs.length + 1;
    const folder = generate(join(this.workspaces, `run-${n}`));
    const { uid, gid } = statSync(folder);
    for (const [path, content, mode] of [
      ['tools/append.sh', APPEND, 0o755],
      ['effects.log', '', 0o644],
    ] as const) {
      writeFileSync(join(folder, path), content, { mode });
      chownSync(join(folder, path), uid, gid);
    }
    const answer = n % 2 ? 'approve' : 'reject';
    const run: Run = { folder, before: treeOf(folder), id: null, answer, answered: false, ended: false };
    this.runs.push(run);
    return run;
  }

  private async perform(run: Run): Promise<void> {
    const submitted = await this.patiently(202, () =>
      this.door.operator().call('POST', '/api/execute', {
        headers: { 'idempotency-key': run.folder },
        body: {
          task_description: `Tidy ${run.folder}.`,
          agent_type: 'playbook',
          playbook: { name: 'line' },
          workspace: { kind: 'local', path: run.folder },
        },
      }),
    );
    const id = submitted?.answer.body.id as string | undefined;
    if (!id) return;
    run.id = id;
    const answered = new Set<string>();
    await this.untilGone(async () => {
      const question = this.questions.get(id);
      if (question && !answered.has(question.id)) {
        await this.answer(run, question);
        answered.add(question.id);
      }
      run.ended = this.status.get(id)?.phase === 'completed';
      return run.ended;
    });
  }

  /** Of an agent that fails often, or whose risk nobody knows, policy asks about more: people say yes to all the rest. */
  private async answer(run: Run, { id, arguments: args }: Question): Promise<void> {
    const isPlanned = args.path === CUSTOMERS;
    const path = `/api/autonomy/approvals/${id}/${isPlanned ? run.answer : 'approve'}`;
    const said = await this.patiently(200, () => this.door.approver().post(path, { reason: 'Looked at it.' }), 409);
    // A conflict is what the repeat of an answer that was taken, but not acknowledged, is told.
    if (said && (said.answer.status === 200 || said.tries > 1)) run.answered ||= isPlanned;
    else if (said) this.problems.push(`${run.folder}: the first answer was refused with ${said.answer.body.code}`);
  }

  /** Knows of every run and every question without asking for each. */
  private look(): Promise<unknown> {
    return this.untilGone(async () => {
      const operator = this.door.operator();
      const [runs, questions] = await Promise.all(
        ['/api/executions?', '/api/autonomy/approvals?status=pending&'].map((path) =>
          operator.get(`${path}limit=${PAGE}`).catch(() => null),
        ),
      );
      if (runs?.status === 200) {
        for (const view of (runs.body as executor.ExecutionPage).items) this.status.set(view.id, view);
      }
      if (questions?.status === 200) {
        this.questions = new Map(
          (questions.body.items as Question[]).map((question) => [question.execution_id, question]),
        );
      }
      return false;
    }, LOOK_MS);
  }

  /** Asks until one of these answers comes; null when time is up. Others than those of a system in trouble are noted. */
  private async patiently(
    wanted: number,
    ask: () => Promise<Answer>,
    ...alsoWanted: number[]
  ): Promise<{ answer: Answer; tries: number } | null> {
    let tries = 0;
    let said: Answer | null = null;
    await this.untilGone(async () => {
      tries += 1;
      const answer = await ask().catch(() => null);
      const isTrouble = !answer || answer.status >= 500 || answer.status === 429;
      if (!isTrouble) said = answer;
      return !isTrouble;
    });
    const answer = said as Answer | null;
    if (!answer) return null;
    if ([wanted, ...alsoWanted].includes(answer.status)) return { answer, tries };
    this.problems.push(`${answer.status} ${JSON.stringify(answer.body)}`);
    return null;
  }

  private untilGone(reached: () => Promise<boolean>, everyMs = RETRY_MS): Promise<boolean> {
    return until('the last of the crowd to go', async () => this.gone || (await reached()), Infinity, everyMs);
  }
}
