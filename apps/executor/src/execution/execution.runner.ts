import type { executor } from '#contracts';
import { isAppError } from '#kernel';
import { Injectable } from '@nestjs/common';
import { visible } from '../action/visible.rules.js';
import type { DriverTurn } from '../driver/driver.js';
import { StepAnalyser } from '../step/step.analyser.js';
import { type Progress, StepHistory } from '../step/step.history.js';
import { StepRunner } from '../step/step.runner.js';
import type { WorkEnd } from '../work/work-source.js';
import { WorkspaceService } from '../workspace/workspace.service.js';
import { AdmissionRunner } from './admission.runner.js';
import { BUSY_RETRY_MS, ExecutionFinisher } from './execution.finisher.js';
import type { Ending } from './execution.entity.js';
import { CANCELLED_BEFORE_START, isTerminal } from './execution.rules.js';
import type { Run } from './run.js';

const PEOPLE: WorkEnd = { kind: 'waiting', wake_at: null };
const NOTHING_MORE = { kind: 'final', answer: '' } as const;
const VERIFYING = { kind: 'execution.verifying', body: { status: 'verifying' } } as const;

/**
 * Drives one claimed execution as far as it goes: to its end, or to where a person has to answer. It always starts from
 * what the rows say, so it does not matter whether it was called for the first time, after an approval or after a crash.
 */
@Injectable()
export class ExecutionRunner {
  constructor(
    private readonly admission: AdmissionRunner,
    private readonly steps: StepRunner,
    private readonly finisher: ExecutionFinisher,
    private readonly workspaces: WorkspaceService,
    private readonly history: StepHistory,
    private readonly analyser: StepAnalyser,
  ) {}

  async drive(run: Run): Promise<WorkEnd> {
    for (;;) {
      const { status } = run.execution;
      if (isTerminal(status)) return { kind: 'done' };
      if (run.isPaused) return PEOPLE;
      if (run.isToEnd && mustVerifyUnbegun(run)) return this.verify(run, NOTHING_MORE, 0);
      switch (status) {
        case 'submitted':
        case 'awaiting_approval': {
          const end = await this.admission.admit(run);
          if (end) return end;
          break;
        }
        case 'queued': {
          const end = await this.start(run);
          if (end) return end;
          break;
        }
        default:
          return this.continue(run);
      }
    }
  }

  /** Ends a run that cannot be driven; what it has not begun to undo stays as it is, and its record says so. */
  async abandon(run: Run, failure: executor.FailureView): Promise<WorkEnd> {
    const { status } = run.execution;
    if (status === 'running' || status === 'paused') {
      const ending: Ending = { answer: null, stop: failure, rollback: false, cancelled: false };
      await run.commit([VERIFYING], { status: 'verifying', paused_reason: null, ending });
    }
    return this.finisher.abandon(run, failure);
  }

  /** Null once the run holds its workspace and runs. */
  private async start(run: Run): Promise<WorkEnd | null> {
    if (run.isToEnd) {
      return this.finisher.end(run, { status: 'cancelled', failure: run.execution.stopped ?? CANCELLED_BEFORE_START });
    }
    if (await run.pauseHere()) return PEOPLE;
    try {
      run.root = await this.workspaces.open(run.execution.workspace!.path);
    } catch (error) {
      if (!isAppError(error)) throw error;
      return this.finisher.end(run, { status: 'failed', failure: { code: error.code, message: error.message } });
    }
    const { root, item } = run;
    try {
      await run.commit([{ kind: 'execution.started', body: { status: 'running' } }], { status: 'running' }, (tx) =>
        this.workspaces.lock(tx, item, root),
      );
      return null;
    } catch (error) {
      if (!isAppError(error) || error.code !== 'workspace.busy') throw error;
      return { kind: 'again', delay_ms: BUSY_RETRY_MS, failures: 0 };
    }
  }

  /** Running, paused or verifying. */
  private async continue(run: Run): Promise<WorkEnd> {
    if (run.execution.ending) return this.finisher.finish(run, run.execution.ending);
    run.root ??= await this.workspaces.open(run.execution.workspace!.path);
    // What people have answered goes on before anything else is read: they wait for it, and a driver need not.
    const open = await this.history.open(run);
    if (open) {
      const step = await this.steps.advance(run, open);
      if (step.kind === 'waiting') return { kind: 'waiting', wake_at: step.wakeAt };
    }
    const progress = await this.history.of(run);
    for (;;) {
      run.assertMine();
      if (await run.pauseHere()) return PEOPLE;
      const turn = await this.next(run, progress);
      const number = progress.finished.length + 1;
      if (turn.kind !== 'act') return this.verify(run, turn, number);
      const proposed = await this.steps.propose(run, number, turn);
      if (!proposed) return { kind: 'waiting', wake_at: this.steps.again() };
      const step = await this.steps.advance(run, proposed);
      if (step.kind === 'waiting') return { kind: 'waiting', wake_at: step.wakeAt };
      progress.finished.push(step.step);
    }
  }

  private next(run: Run, { driver, finished }: Progress): Promise<DriverTurn> | DriverTurn {
    if (run.isToEnd) return NOTHING_MORE;
    const { id, task_description, max_steps } = run.execution;
    return driver.next({ execution_id: id, task_description, max_steps, steps: finished });
  }

  private async verify(run: Run, turn: Exclude<DriverTurn, { kind: 'act' }>, step: number): Promise<WorkEnd> {
    const answer = turn.kind === 'final' ? turn.answer || null : null;
    const said = answer && (await this.analyser.analyse(run, { step, thought: '', actions: [], final_answer: answer }));
    const ending: Ending =
      turn.kind === 'final'
        ? { answer, stop: null, rollback: false, cancelled: run.execution.cancel_requested }
        : { answer, stop: visible(turn.failure), rollback: turn.rollback, cancelled: false };
    await run.commit(said ? [said.entry, VERIFYING] : [VERIFYING], {
      ...(said ? said.patch : {}),
      status: 'verifying',
      paused_reason: null,
      ending,
    });
    return this.finisher.finish(run, ending);
  }
}

/** A run that never began and cannot end from where it is: it is judged like any other, with nothing done. */
const mustVerifyUnbegun = ({ execution: { started_at, status, rollback_requested } }: Run): boolean =>
  started_at === null && status !== 'verifying' && (rollback_requested || status === 'paused');
