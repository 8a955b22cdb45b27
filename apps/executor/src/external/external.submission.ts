import { type CallContext, executor, governance, invalidInput } from '#contracts';
import { actionDigest, type JsonValue, sha256, uuidv7 } from '#kernel';
import { FactLog, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { Action } from '../action/action.entity.js';
import { Sealer } from '../action/sealer.js';
import { visible } from '../action/visible.rules.js';
import { Execution } from '../execution/execution.entity.js';
import { locatedAt } from '../execution/execution.errors.js';
import { Journal } from '../journal/journal.js';
import { Step } from '../step/step.entity.js';
import { actionView, summaryOf } from '../step/step.view.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import type { WorkItem } from '../work/work-source.js';
import { WorkRepository } from '../work/work.repository.js';
import { WorkspaceService } from '../workspace/workspace.service.js';
import { DEFAULT_AGENT, EXTERNAL, type Proposal } from './external.rules.js';

export interface Submitted {
  agent_id: string;
  workspace: executor.WorkspaceChoice | null;
  proposal: Proposal;
  digest: string;
}

/** Writes down what an agent elsewhere is about to do, before anybody is asked about it. */
@Injectable()
export class ExternalSubmission {
  constructor(
    private readonly facts: FactLog,
    private readonly journal: Journal,
    private readonly workspaces: WorkspaceService,
    private readonly tools: ToolRegistry,
    private readonly sealer: Sealer,
    private readonly work: WorkRepository,
  ) {}

  /**
   * The action as it will be asked about. Of a tool the executor has, the arguments say which paths it touches.
   * @throws AppError located: `input.invalid`, `workspace.*`; `json.not_canonical`
   */
  async judge({ team }: CallContext, input: executor.ProposeAction): Promise<Submitted> {
    const agent_id = input.agent_id ?? DEFAULT_AGENT;
    const proposal = this.proposalOf(input);
    const workspace = await this.folderOf(input);
    const { tool, target, arguments: args, paths } = proposal;
    const [name = '', version = ''] = tool.split('@v');
    const digest = actionDigest({
      team,
      agent: { id: agent_id, version: EXTERNAL },
      tool: { name, version, manifest_digest: sha256(tool) },
      arguments: args as JsonValue,
      target: { ...target, paths, workspace: workspace?.path ?? null },
    });
    return { agent_id, workspace, proposal, digest };
  }

  /** Its work, leased to the caller for `leaseMs`; from then on a worker may take it over. */
  async create(
    tx: Tx,
    ctx: CallContext,
    { task_description, thought = '' }: executor.ProposeAction,
    { agent_id, workspace, proposal, digest }: Submitted,
    leaseMs: number,
  ): Promise<WorkItem> {
    const id = uuidv7();
    const { team: team_id, principal, on_behalf_of, trace = null } = ctx;
    await tx.insert(Execution, {
      ...{ id, team_id, status: 'submitted', agent_id, agent_type: EXTERNAL, task_description, max_steps: 1 },
      ...{ playbook: null, workspace, principal, on_behalf_of, trace },
    } as never);
    const at = { execution_id: id, step: 1 };
    const action = Object.assign(new Action(), {
      ...{ ...at, index: 0, team_id, status: 'proposed', tool: proposal.tool, digest },
      ...{ arguments: visible(proposal.arguments), sealed_arguments: this.sealer.seal(team_id, proposal) },
    });
    const step = { ...at, team_id, label: proposal.tool, thought: visible(thought), keep_going: false };
    const { key, tool, arguments: args, status } = actionView(action);
    const view: executor.StepView = {
      step: 1,
      timestamp: new Date().toISOString(),
      thought: step.thought,
      action: summaryOf(action),
      actions: [{ key, tool, arguments: args, digest, status }],
    };
    const writer = { team: team_id, execution_id: id, epoch: null };
    const row = await this.journal.append(tx, writer, [
      { kind: 'execution.submitted', body: { status: 'submitted' } },
      { kind: 'step.proposed', body: { step: view } },
    ]);
    await tx.insert(Step, { ...step, observation: null, finished: false });
    await tx.insert(Action, action as never);
    await this.facts.append(tx, ctx, executor.executionSubmitted, {
      aggregate_id: id,
      version: await this.journal.nextFactVersion(tx, id),
      body: { execution_id: id, agent_id, agent_type: EXTERNAL, task_description, journal_seq: row.last_seq },
    });
    return this.work.createLeased(tx, team_id, id, leaseMs);
  }

  private async folderOf({ workspace }: executor.ProposeAction): Promise<executor.WorkspaceChoice | null> {
    if (!workspace) return null;
    const { path } = await this.workspaces.open(workspace.path).catch(locatedAt('/workspace/path'));
    return { kind: 'local', path };
  }

  private proposalOf({ tool: named, arguments: args, paths = [], host }: executor.ProposeAction): Proposal {
    const tool = governance.toolIdOf(named);
    const unkept = paths.findIndex((path) => path.includes('\0'));
    if (unkept >= 0) throw invalidInput([{ path: `/paths/${unkept}`, message: 'must not hold a NUL character' }]);
    const { effects } = governance.traitsOf(tool);
    const to: Record<string, string> = host === undefined ? {} : { host };
    if (!this.tools.ids().includes(tool)) return { tool, effects, arguments: args, target: to, paths };
    const { tool: known } = this.tools.get(tool);
    const parsed = this.parsed(tool, args);
    const touched = [...new Set([...known.paths(parsed), ...paths])];
    return {
      tool,
      effects: known.effects,
      arguments: args,
      target: { ...known.target(parsed), ...to },
      paths: touched,
    };
  }

  private parsed(tool: string, args: object): object {
    try {
      return this.tools.parse(tool, args);
    } catch (error) {
      return locatedAt('/arguments')(error);
    }
  }
}
