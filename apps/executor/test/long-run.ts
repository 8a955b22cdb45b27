import type { CallContext, executor as contract } from '#contracts';
import { actionKeyText, uuidv7 } from '#kernel';
import type { Bus } from '#messaging';
import type { Database, Tx } from '#persistence';
import { createHash } from 'node:crypto';
import { Action } from '../src/action/action.entity.js';
import { ActionRepository } from '../src/action/action.repository.js';
import { Sealer } from '../src/action/sealer.js';
import { makeContract } from '../src/contract/contract.rules.js';
import { Execution } from '../src/execution/execution.entity.js';
import { Run, type RunSignals } from '../src/execution/run.js';
import { Hold } from '../src/hold/hold.entity.js';
import { Journal } from '../src/journal/journal.js';
import { aboutAction, type JournalEntry } from '../src/journal/journal.entry.js';
import { PlaybookService } from '../src/playbook/playbook.service.js';
import { Step } from '../src/step/step.entity.js';
import { actionView, observe, summaryOf } from '../src/step/step.view.js';
import { ToolRegistry } from '../src/tool/tool.registry.js';

export interface RunStore {
  database: Database;
  journal: Journal;
  sealer: Sealer;
}

/** A store over a test's database that shows its frames to nobody. */
export const openRunStore = (database: Database, keyFile: string): RunStore => ({
  database,
  journal: new Journal({ show: () => undefined } as unknown as Bus),
  sealer: Sealer.open(keyFile),
});

export interface LongRun {
  id: string;
  /** Rows of its journal. */
  rows: number;
}

const STEPS_PER_COMMIT = 100;
const actions = new ActionRepository();
const digest = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A run that has deleted `steps` files, one a step, verified and kept; it is still running and may be driven on. */
export const writeLongRun = async (
  store: RunStore,
  ctx: CallContext,
  given: { steps: number; id?: string; stepsPerCommit?: number },
): Promise<LongRun> => {
  const run = await startRun(store, ctx, given.id ?? uuidv7());
  const size = given.stepsPerCommit ?? STEPS_PER_COMMIT;
  for (let first = 1; first <= given.steps; first += size) {
    const turns = Array.from({ length: Math.min(size, given.steps - first + 1) }, (_, i) =>
      turnOf(store, run, first + i),
    );
    await run.commit(
      turns.flatMap((turn) => turn.entries),
      {},
      (tx) => insertTurns(tx, turns),
    );
  }
  return { id: run.execution.id, rows: run.execution.last_seq };
};

const PLAYBOOK = `
apiVersion: playbook/v1
name: of-a-test
steps:
  - id: first
    uses: file.delete@v1
    with: { path: build }
`;

/** A run of a registered playbook that has just begun. */
export const startRun = async ({ database, journal }: RunStore, ctx: CallContext, id: string): Promise<Run> => {
  const { name, digest } = await new PlaybookService(database, new ToolRegistry()).register(ctx, { source: PLAYBOOK });
  const execution = await database.inTeam(ctx, async (tx) => {
    await tx.insert(Execution, {
      id,
      team_id: ctx.team,
      status: 'running',
      agent_id: 'of a test',
      agent_type: 'playbook',
      task_description: 'Delete many files.',
      max_steps: 10,
      playbook: { name, digest, inputs: {} },
      principal: ctx.principal,
      on_behalf_of: ctx.on_behalf_of,
    } as never);
    return tx.findOneByOrFail(Execution, { id });
  });
  const item = { execution_id: id, team: ctx.team, attempt: 1, failures: 0 };
  return new Run(database, journal, execution, item, undisturbed());
};

/** Signals that never come. */
export const undisturbed = (): RunSignals => ({
  lost: new AbortController().signal,
  stop: new AbortController().signal,
});

interface Turn {
  entries: JournalEntry[];
  step: Step;
  action: Action;
}

/** Every row the engine writes about a file that it deletes without anybody's approval. */
export const turnOf = ({ sealer }: RunStore, run: Run, number: number): Turn => {
  const at = { execution_id: run.execution.id, step: number };
  const action = finishedAction(sealer, run, number);
  const { predicted, decided, done, verified, undone } = action;
  const key = actionKeyText(action);
  const label = `step-${number}`;
  const thought = `delete build artefact ${number}`;
  const observation = observe([action]);
  const { tool, arguments: args, digest: of } = actionView(action);
  const proposed: contract.StepView = {
    step: number,
    timestamp: new Date().toISOString(),
    thought,
    action: summaryOf(action),
    actions: [{ key, tool, arguments: args, digest: of, status: 'proposed' }],
  };
  return {
    entries: [
      { kind: 'step.proposed', body: { step: proposed } },
      aboutAction('action.predicted', at, { key, predicted }),
      aboutAction('action.decided', at, { key, decided }),
      aboutAction('action.started', at, { key, status: 'started' }),
      aboutAction('action.done', at, { key, done }),
      aboutAction('action.verified', at, { key, verified }),
      aboutAction('action.undone', at, { key, undone }),
      { kind: 'step.finished', body: { step: { step: number, observation, actions: [] } } },
      { kind: 'step.analyzed', body: { risk: { risk_score: 0.12, deception_probability: 0.01 }, findings: [] } },
    ],
    step: Object.assign(new Step(), {
      ...at,
      team_id: run.ctx.team,
      label,
      thought,
      observation,
      keep_going: false,
      finished: true,
    }),
    action,
  };
};

const insertTurns = async (tx: Tx, turns: Turn[]): Promise<void> => {
  const of = turns.map((turn) => turn.action);
  await tx.insert(
    Step,
    turns.map((turn) => turn.step),
  );
  await actions.insert(tx, of);
  await tx.insert(
    Hold,
    of.map(({ team_id, execution_id, step, index, undone }) => ({
      id: uuidv7(),
      team_id,
      execution_id,
      step,
      index,
      driver: 'workspace' as const,
      status: 'kept' as const,
      before_manifest: undone!.before!,
      left_manifest: undone!.after!,
    })),
  );
};

const finishedAction = (sealer: Sealer, run: Run, number: number): Action => {
  const { team } = run.ctx;
  const path = `build/artefacts/of/the/module/part-${number}.o`;
  const args = { path };
  const output = { path };
  const tool = 'file.delete@v1';
  const deleted = { match: 'exact' as const, path, change: 'deleted' as const };
  return Object.assign(new Action(), {
    execution_id: run.execution.id,
    step: number,
    index: 0,
    team_id: team,
    status: 'kept' as const,
    tool,
    digest: digest(`${run.execution.id}/${number}`),
    arguments: args,
    sealed_arguments: sealer.seal(team, args),
    sealed_output: sealer.seal(team, output),
    contract: makeContract({ tool, args_digest: digest(path), effect: { may: [deleted], must: [deleted] } }),
    attempts: 1,
    approval_id: null,
    predicted: { risk: 0.12, findings: [], expected: [`deleted ${path}`] },
    decided: {
      decision: 'allow' as const,
      tier_needed: 1 as const,
      determining_policies: ['house.workspace.file-tools'],
      policy_epoch: 1,
      reasons: ['The path lies in the workspace and a hold can bring it back.'],
      approval_id: null,
      expires_at: null,
      approval: null,
      approvers: [],
    },
    done: { ok: true, output, failure: null, duration_ms: 3 },
    verified: {
      verdict: 'verified' as const,
      change_count: 1,
      changes: [{ path, change: 'deleted' as const }],
      deviations: [],
      manifest: digest(`after ${number}`),
    },
    undone: {
      outcome: 'kept' as const,
      before: digest(`before ${number}`),
      after: digest(`after ${number}`),
      restored: 0,
      problems: [],
    },
    failure: null,
  });
};
