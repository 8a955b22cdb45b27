import { type CallContext, governance } from '#contracts';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ExecutionRepository } from '../execution/execution.repository.js';
import { WorkspaceService } from '../workspace/workspace.service.js';
import type { Action } from './action.entity.js';
import type { Acting } from './action.gate.js';
import { ActionRepository } from './action.repository.js';
import { isFinished } from './action.rules.js';
import { isSendPending } from './taint.rules.js';

/** One version of an action that waits for people, and the run it belongs to. */
export interface Version {
  acting: Acting;
  action: Action;
}

/** The action as the agent proposed it, and as reviewers would have it. */
@Injectable()
export class ActionVersions {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionRepository,
    private readonly actions: ActionRepository,
    private readonly workspaces: WorkspaceService,
  ) {}

  /**
   * The version of this digest; null when its run does not wait for this approval, its agent runs elsewhere, or there is
   * no such version.
   * @throws AppError `workspace.…` when its folder cannot be looked into
   */
  async find(
    reviewer: CallContext,
    approval: Pick<governance.ApprovalView, 'id' | 'execution_id' | 'step' | 'index'>,
    digest: string,
  ): Promise<Version | null> {
    if (approval.step === 0) return null;
    const found = await this.database.inTeam(reviewer, async (tx) => {
      const proposed = await this.actions.get(tx, approval);
      if (proposed?.status !== 'awaiting_approval' || proposed.approval_id !== approval.id) return null;
      const action = proposed.digest === digest ? proposed : await this.actions.edited(tx, proposed, digest);
      if (!action) return null;
      const execution = await this.executions.get(tx, approval.execution_id);
      if (execution.agent_type === governance.EXTERNAL) return null;
      const turn = await this.actions.ofStep(tx, approval.execution_id, approval.step);
      const others = turn.filter(({ index }) => index !== approval.index);
      return { action, others, execution };
    });
    if (!found) return null;
    const { action, others, execution } = found;
    const { team_id: team, principal, on_behalf_of } = execution;
    const root = await this.workspaces.open(execution.workspace!.path);
    const isPending = isSendPending(others.map(({ tool, status }) => ({ tool, finished: isFinished(status) })));
    const ctx = { team, principal, on_behalf_of, roles: [] };
    return { action, acting: { ctx, execution, root, isSendPending: isPending } };
  }

  /** Nothing comes of it unless people approve exactly this digest. */
  async add(ctx: CallContext, edited: Action): Promise<void> {
    await this.database.inTeam(ctx, (tx) => this.actions.addEdit(tx, edited));
  }
}
