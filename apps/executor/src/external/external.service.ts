import type { CallContext, executor } from '#contracts';
import { AppError } from '#kernel';
import { Database, earlierAnswer, once } from '#persistence';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActionRepository } from '../action/action.repository.js';
import { Execution } from '../execution/execution.entity.js';
import { isTerminal } from '../execution/execution.rules.js';
import { Run } from '../execution/run.js';
import { Journal } from '../journal/journal.js';
import { WORK_SOURCE, type WorkEnd, type WorkItem, type WorkSource } from '../work/work-source.js';
import { answerOf, decisionOf } from './external.rules.js';
import { ExternalRunner } from './external.runner.js';
import { ExternalSubmission } from './external.submission.js';

/** How long somebody who asks waits for whoever works on the same action; then they are told to ask again. */
const WAIT_MS = 8_000;
const LOOK_MS = 50;
/** Once its own question has failed, a worker goes on. */
const RETRY_MS = 1_000;

/** Answers agents that run elsewhere: may I do this? The asker waits, so it is not a worker's turn but its own. */
@Injectable()
export class ExternalService {
  constructor(
    private readonly database: Database,
    private readonly submission: ExternalSubmission,
    private readonly runner: ExternalRunner,
    private readonly journal: Journal,
    private readonly actions: ActionRepository,
    @Inject(WORK_SOURCE) private readonly source: WorkSource,
  ) {}

  /**
   * The same request with the same key is the same action, and is answered by how that stands now.
   * @throws AppError what `ExternalSubmission.judge` refuses with, `request.key_reused`; `action.undecided`, retryable;
   * a retryable one when governance does not answer
   */
  async execute(ctx: CallContext, input: executor.ProposeAction): Promise<executor.LoopAnswer> {
    const earlier =
      ctx.idempotency_key &&
      (await this.database.inTeam(ctx, (tx) => earlierAnswer<Pick<WorkItem, 'execution_id'>>(tx, ctx, input)));
    if (earlier) return this.settle(ctx, earlier.execution_id);
    const { execution_id, item } = await this.create(ctx, input);
    if (item) await this.drive(ctx, item);
    return (item && (await this.answer(ctx, execution_id, 'decided'))) ?? this.settle(ctx, execution_id);
  }

  /** `item`: null when a twin of this request was first. */
  private async create(
    ctx: CallContext,
    input: executor.ProposeAction,
  ): Promise<{ execution_id: string; item: WorkItem | null }> {
    const submitted = await this.submission.judge(ctx, input);
    let item: WorkItem | null = null;
    const { execution_id } = await this.database.inTeam(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        item = await this.submission.create(tx, ctx, input, submitted, this.source.leaseMs);
        return { execution_id: item.execution_id };
      }),
    );
    return { execution_id, item };
  }

  private async settle(ctx: CallContext, execution_id: string): Promise<executor.LoopAnswer> {
    for (const until = performance.now() + WAIT_MS; performance.now() < until; await sleep(LOOK_MS)) {
      const settled = await this.answer(ctx, execution_id, 'ended');
      if (settled) return settled;
      const item = await this.source.take({ execution_id, team: ctx.team });
      if (!item) continue;
      await this.drive(ctx, item);
      const answer = await this.answer(ctx, execution_id, 'decided');
      if (answer) return answer;
    }
    throw new AppError('action.undecided', 'The action is being decided about; ask again with the same key.', {
      retryable: true,
    });
  }

  private async drive(ctx: CallContext, item: WorkItem): Promise<void> {
    const writer = { team: ctx.team, execution_id: item.execution_id, epoch: item.attempt };
    const never = new AbortController().signal;
    let end: WorkEnd = { kind: 'again', delay_ms: RETRY_MS, failures: item.failures + 1 };
    try {
      const execution = await this.database.inTeam(ctx, (tx) => this.journal.take(tx, writer));
      const run = new Run(this.database, this.journal, execution, item, { lost: never, stop: never });
      end = await this.runner.advance(run, { asks: true });
    } finally {
      await this.source.finish(item, end);
    }
  }

  /** Null while it is not decided, or not ended, where only that is asked for. A yes is one only while nothing stops it. */
  private async answer(ctx: CallContext, id: string, when: 'decided' | 'ended'): Promise<executor.LoopAnswer | null> {
    const { row, action } = await this.database.inTeam(ctx, async (tx) => ({
      row: await tx.findOneByOrFail(Execution, { id }),
      action: (await this.actions.ofExecution(tx, id))[0]!,
    }));
    if (when === 'ended' && !isTerminal(row.status)) return null;
    const decision = decisionOf(row);
    if (decision !== 'allow') return decision && answerOf(row, action, decision);
    const failure = await this.runner.stopped(row, action);
    return failure ? answerOf({ ...row, failure }, action, 'deny') : answerOf(row, action, 'allow');
  }
}
