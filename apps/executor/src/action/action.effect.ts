import type { executor } from '#contracts';
import { actionKeyText, isAppError } from '#kernel';
import type { Tx } from '#persistence';
import { inSpan, type SpanSpec } from '#telemetry';
import { diffManifests, type Manifest } from '#snapshots';
import { Injectable } from '@nestjs/common';
import { judge } from '../contract/contract.rules.js';
import type { Run } from '../execution/run.js';
import { type HoldStatus, undoneFact } from '../hold/hold.rules.js';
import { HoldService } from '../hold/hold.service.js';
import { stopRequest } from '../kill-switch/kill-switch.entry.js';
import { killed, stoppedBy } from '../kill-switch/kill-switch.errors.js';
import { aboutAction } from '../journal/journal.entry.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import type { Action } from './action.entity.js';
import { ActionRepository } from './action.repository.js';
import { factsOf, keptFact, type Seen } from './action.facts.rules.js';
import { ActionTool } from './action.tool.js';
import { ActionUndo, leftBy } from './action.undo.js';
import { Sealer } from './sealer.js';
import { taintAfter } from './taint.rules.js';
import { visible } from './visible.rules.js';

/** How often an effect that nobody saw finish is begun again before a person has to look. */
const MAX_ATTEMPTS = 4;

/** The part of an action that touches the world: hold, act, observe, judge. */
@Injectable()
export class ActionEffect {
  constructor(
    private readonly tools: ToolRegistry,
    private readonly holds: HoldService,
    private readonly actions: ActionRepository,
    private readonly sealer: Sealer,
    private readonly undoing: ActionUndo,
    private readonly calls: ActionTool,
  ) {}

  /** Takes the hold and commits the intent; the effect itself comes after. */
  async begin(run: Run, action: Action, args: object): Promise<Action> {
    let before;
    try {
      before = await this.holds.take(run.ctx.team, run.root!);
    } catch (error) {
      if (!isAppError(error)) throw error;
      return this.refuse(run, action, { code: error.code, message: error.message });
    }
    const entry = aboutAction('action.started', action, { key: actionKeyText(action), status: 'started' });
    // What it gives to know is known from here on, whether anybody sees it end or not.
    const sensitive = action.decided?.sensitive ?? false;
    const taint = taintAfter(run.execution.taint, { tool: action.tool, sensitive });
    const started = await run.commit([entry], { taint }, async (tx) => {
      await this.holds.create(tx, action, before);
      return this.actions.move(tx, action, 'started', { attempts: 1 });
    });
    return this.act(run, started, args, before.manifest);
  }

  /** After a crash between intent and result: find out what happened, or undo it and begin again. */
  async complete(run: Run, action: Action, args: object): Promise<Action> {
    const { team } = run.ctx;
    const hold = await run.read((tx) => this.holds.of(tx, action));
    const before = await this.holds.manifest(team, hold.before_manifest);
    const contract = action.contract!;
    const failed = { ok: false, output: null, failure: run.isToEnd ? stopped() : interrupted(action.attempts) };
    let { after, blind } = await this.look(run);
    const output = after && this.reconcile(action, args, before, after);
    if (output) return this.conclude(run, action, { before, after, result: { ok: true, output }, duration_ms: 0 });
    if (!after && contract.confined) {
      return this.conclude(run, action, { before, after, blind, result: failed, duration_ms: 0 });
    }
    if (after?.digest !== before.digest) {
      const left = contract.confined ? leftBy(contract, before, after!) : null;
      const restore = await this.holds.restore(team, run.root!, before, left);
      if (restore.outcome === 'conflict' && contract.confined) {
        ({ after, blind } = await this.look(run));
        return this.conclude(run, action, { before, after, blind, result: failed, duration_ms: 0 });
      }
      if (restore.outcome !== 'undone') return this.undoing.fail(run, action, undoneFact(before.digest, restore));
    }
    if (run.isToEnd || action.attempts >= MAX_ATTEMPTS) {
      return this.conclude(run, action, { before, after: before, result: failed, duration_ms: 0 });
    }
    await this.calls.ready(); // an attempt that could not begin would be counted
    const entry = aboutAction('action.recovered', action, { key: actionKeyText(action), status: 'started' });
    const again = await run.commit([entry], {}, (tx) =>
      this.actions.move(tx, action, 'started', { attempts: action.attempts + 1 }),
    );
    return this.act(run, again, args, before);
  }

  private async act(run: Run, action: Action, args: object, before: Manifest): Promise<Action> {
    const began = performance.now();
    const came = await inSpan(toolSpan(run, action), () => this.calls.run(run, action, args));
    if ('killed' in came) await run.cancelHere(stopRequest(run, came.killed), stoppedBy(came.killed));
    const result = 'killed' in came ? { ok: false, output: null, failure: killed(came.killed) } : came;
    // What a stopping process cut short is found as an unfinished intent, and begun again.
    if (!result.ok) run.assertMine();
    const duration_ms = Math.round(performance.now() - began);
    return this.conclude(run, action, { before, ...(await this.look(run)), result, duration_ms });
  }

  /** The workspace as it is, or why it cannot be seen. */
  private async look(run: Run): Promise<{ after: Manifest | null; blind?: string }> {
    try {
      return { after: await this.holds.observe(run.ctx.team, run.root!) };
    } catch (error) {
      if (!isAppError(error) || !error.code.startsWith('workspace.')) throw error;
      return { after: null, blind: error.message };
    }
  }

  /** Judges what was observed, and keeps the effect, takes it back, or leaves it to a person. */
  private async conclude(run: Run, action: Action, seen: Seen): Promise<Action> {
    const changes = seen.after ? diffManifests(seen.before, seen.after) : [];
    const { done, verified, failure } = factsOf(action.contract!, seen, changes, guardedBy(action));
    const { team } = run.ctx;
    const patch = { done, verified, failure, sealed_output: this.sealer.seal(team, seen.result.output) };
    const left =
      seen.after && (await this.holds.store(team, leftBy(action.contract!, seen.before, seen.after, changes))).stored;
    const key = actionKeyText(action);
    const entries = [
      aboutAction('action.done', action, { key, done }),
      aboutAction('action.verified', action, { key, verified }),
    ];
    const moveHold = async (tx: Tx, to: HoldStatus): Promise<void> =>
      this.holds.move(tx, await this.holds.of(tx, action), to, left ?? undefined);
    switch (verified.verdict) {
      case 'deviated':
        return run.commit(entries, {}, async (tx) => {
          await moveHold(tx, 'undoing');
          return this.actions.move(tx, action, 'undoing', patch);
        });
      case 'inconclusive':
        return run.commit(
          [...entries, { kind: 'execution.paused', body: { status: 'paused', paused_reason: 'inconclusive' } }],
          { status: 'paused', paused_reason: 'inconclusive' },
          async (tx) => {
            if (left) await this.holds.observed(tx, await this.holds.of(tx, action), left);
            return this.actions.move(tx, action, 'inconclusive', patch);
          },
        );
      case 'verified':
      case 'unverifiable': {
        const undone = keptFact(seen.before.digest, verified.manifest);
        return run.commit([...entries, aboutAction('action.undone', action, { key, undone })], {}, async (tx) => {
          await moveHold(tx, 'kept');
          return this.actions.move(tx, action, 'kept', { ...patch, undone });
        });
      }
    }
  }

  /** The tool's result when the workspace alone proves that the effect happened, whole and nothing else. */
  private reconcile(action: Action, args: object, before: Manifest, now: Manifest): unknown {
    const { tool } = this.tools.get(action.tool);
    if (!tool.reconcile || now.digest === before.digest) return null;
    const changes = diffManifests(before, now);
    const { verdict } = judge(action.contract!, { before, after: now, changes, tool_ok: true }, guardedBy(action));
    return verdict === 'verified' ? tool.reconcile(this.tools.parse(action.tool, args)) : null;
  }

  private refuse(run: Run, action: Action, reason: executor.FailureView): Promise<Action> {
    const failure = visible(reason);
    const done = { ok: false, output: null, failure, duration_ms: 0 };
    const entry = aboutAction('action.refused', action, { key: actionKeyText(action), status: 'refused', done });
    return run.commit([entry], {}, (tx) => this.actions.move(tx, action, 'refused', { failure, done }));
  }
}

/** OpenTelemetry's conventions for agents. */
const toolSpan = (run: Run, { tool, execution_id }: Action): SpanSpec => ({
  service: 'executor',
  name: `execute_tool ${tool}`,
  within: run.ctx.trace,
  attributes: {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    'spectrace.execution_id': execution_id,
  },
});

const guardedBy = (action: Action): string[] => action.decided?.guarded ?? [];

const interrupted = (attempts: number): executor.FailureView => ({
  code: 'action.interrupted',
  message: `The action was interrupted ${attempts} times and left undone.`,
});

const stopped = (): executor.FailureView => ({
  code: 'action.cancelled',
  message: 'The run was stopped while this action was under way.',
});
