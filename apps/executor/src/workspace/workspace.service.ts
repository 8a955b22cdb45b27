import { AppError } from '#kernel';
import type { Tx } from '#persistence';
import { ENV, PLATFORM, type Platform } from '#service';
import { WorkspaceRoot } from '#snapshots';
import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../env.js';
import type { WorkItem } from '../work/work-source.js';

/** Local workspaces: folders below the operator's roots, one run at a time. */
@Injectable()
export class WorkspaceService {
  constructor(
    @Inject(ENV) private readonly env: Env,
    @Inject(PLATFORM) private readonly platform: Platform,
  ) {}

  /** @throws AppError `workspace.outside_roots`, `workspace.refused`, `workspace.not_found` */
  open(path: string): Promise<WorkspaceRoot> {
    return WorkspaceRoot.open(path, { roots: this.env.WORKSPACE_ROOTS, refuse: [this.platform.home] });
  }

  /**
   * Makes the run the only one in its folder, the folders above and below it; a run that died keeps its lock until it
   * has been recovered. In the transaction that starts the run, so that no lock outlives a run that ended meanwhile.
   * @throws AppError `workspace.busy` while another run is in there
   */
  async lock(tx: Tx, run: Pick<WorkItem, 'execution_id' | 'team'>, root: WorkspaceRoot): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('workspace_lock', 0))`);
    const [taken] = await tx.query(`SELECT 1 FROM workspace_locked($1) AS holder WHERE holder <> $2`, [
      root.path,
      run.execution_id,
    ]);
    if (taken) throw workspaceBusy();
    await tx.query(
      `INSERT INTO workspace_lock (path, team_id, execution_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [root.path, run.team, run.execution_id],
    );
  }

  async unlock(tx: Tx, executionId: string): Promise<void> {
    await tx.query(`DELETE FROM workspace_lock WHERE execution_id = $1`, [executionId]);
  }
}

const workspaceBusy = (): AppError =>
  new AppError('workspace.busy', 'Another run is working in this folder.', { retryable: true });
