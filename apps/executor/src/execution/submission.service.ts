import { type CallContext, executor } from '#contracts';
import { uuidv7 } from '#kernel';
import { Database, earlierAnswer, FactLog, once, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { Journal } from '../journal/journal.js';
import { PlaybookService } from '../playbook/playbook.service.js';
import { WorkRepository } from '../work/work.repository.js';
import { WorkspaceService } from '../workspace/workspace.service.js';
import { Execution, type PinnedPlaybook } from './execution.entity.js';
import { locatedAt } from './execution.errors.js';
import { executionView } from './execution.view.js';
import { judgeSubmission, type Submission } from './submission.rules.js';

/** Takes tasks in: everything a run rests on is checked and pinned before it exists. */
@Injectable()
export class SubmissionService {
  constructor(
    private readonly database: Database,
    private readonly facts: FactLog,
    private readonly journal: Journal,
    private readonly playbooks: PlaybookService,
    private readonly workspaces: WorkspaceService,
    private readonly work: WorkRepository,
  ) {}

  async submit(ctx: CallContext, input: executor.SubmitExecution): Promise<executor.ExecutionView> {
    const earlier = await this.database.inTeam(ctx, (tx) => earlierAnswer<executor.ExecutionView>(tx, ctx, input));
    if (earlier) return earlier; // also when its folder or playbook is gone by now
    const submission = judgeSubmission(ctx, input);
    const root = await this.workspaces.open(submission.workspace.path).catch(locatedAt('/workspace/path'));
    const playbook = await this.playbooks.pin(ctx, submission.playbook).catch(locatedAt('/playbook'));
    return this.database.inTeam(ctx, (tx) =>
      once(tx, ctx, input, () =>
        this.create(tx, ctx, input, { ...submission, workspace: { kind: 'local', path: root.path } }, playbook),
      ),
    );
  }

  private async create(
    tx: Tx,
    ctx: CallContext,
    input: executor.SubmitExecution,
    submission: Submission,
    playbook: PinnedPlaybook,
  ): Promise<executor.ExecutionView> {
    const id = uuidv7();
    const { agent_id, driver, max_steps, on_behalf_of, workspace } = submission;
    await tx.insert(Execution, {
      id,
      team_id: ctx.team,
      status: 'submitted',
      agent_id,
      agent_type: driver,
      task_description: input.task_description,
      max_steps,
      playbook: { ...playbook },
      workspace,
      principal: ctx.principal,
      on_behalf_of,
      trace: ctx.trace ?? null,
    } as never);
    const writer = { team: ctx.team, execution_id: id, epoch: null };
    const row = await this.journal.append(tx, writer, [{ kind: 'execution.submitted', body: { status: 'submitted' } }]);
    await this.facts.append(tx, ctx, executor.executionSubmitted, {
      aggregate_id: id,
      version: await this.journal.nextFactVersion(tx, id),
      body: {
        execution_id: id,
        agent_id,
        agent_type: driver,
        task_description: input.task_description,
        journal_seq: row.last_seq,
      },
    });
    await this.work.create(tx, ctx.team, id);
    return executionView(row);
  }
}
