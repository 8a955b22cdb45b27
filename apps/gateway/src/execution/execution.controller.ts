import { type CallContext, executor } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Endpoint } from '../http/endpoint.js';
import { asOwnAgent } from '../key/key.rules.js';
import { Execute } from './execution.messages.js';
import { ExecutionWaiter } from './execution.waiter.js';

const SUBMIT_MS = 15_000;

@Controller()
export class ExecutionController {
  constructor(
    private readonly bus: Bus,
    private readonly waiter: ExecutionWaiter,
  ) {}

  @Endpoint({
    method: 'POST',
    path: '/api/execute',
    needs: 'execution.submit',
    limit: 'general',
    input: Execute,
    answers: { 200: executor.ExecutionResult, 202: executor.ExecutionView },
    status: 202,
    doc: 'Submits a task; with `wait` the answer is its result.',
    creates: true,
  })
  async execute(
    { wait, ...task }: Execute,
    ctx: CallContext,
    reply: FastifyReply,
  ): Promise<executor.ExecutionView | executor.ExecutionResult> {
    const submitted = await this.bus.call(ctx, executor.execution.submit, asOwnAgent(ctx, task), {
      timeoutMs: SUBMIT_MS,
    });
    const ref = { execution_id: submitted.id };
    if (!wait || !(await this.waiter.ended(ctx, ref.execution_id, reply.raw))) return submitted;
    reply.code(200);
    return this.bus.call(ctx, executor.execution.get, ref);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/executions',
    needs: 'execution.read',
    limit: 'general',
    input: executor.ListExecutions,
    answers: { 200: executor.ExecutionPage },
    doc: "The team's runs, newest first.",
  })
  listExecutions(input: executor.ListExecutions, ctx: CallContext): Promise<executor.ExecutionPage> {
    return this.bus.call(ctx, executor.execution.list, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/executions/:execution_id',
    needs: 'execution.read',
    limit: 'general',
    input: executor.ExecutionRef,
    answers: { 200: executor.ExecutionResult },
    doc: 'One run with its trace: the five facts of every action.',
  })
  getExecution(input: executor.ExecutionRef, ctx: CallContext): Promise<executor.ExecutionResult> {
    return this.bus.call(ctx, executor.execution.get, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/executions/:execution_id/steps',
    needs: 'execution.read',
    limit: 'general',
    input: executor.ReadSteps,
    answers: { 200: executor.StepPage },
    doc: 'Steps of a run, in order.',
  })
  listSteps(input: executor.ReadSteps, ctx: CallContext): Promise<executor.StepPage> {
    return this.bus.call(ctx, executor.execution.steps, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/executions/:execution_id/frames',
    needs: 'execution.read',
    limit: 'general',
    input: executor.ReadJournal,
    answers: { 200: executor.JournalPage },
    doc: 'The journal of a run as frames, the same as `/ws/{execution_id}` sends.',
  })
  listFrames(input: executor.ReadJournal, ctx: CallContext): Promise<executor.JournalPage> {
    return this.bus.call(ctx, executor.journal.read, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/executions/:execution_id/pause',
    needs: 'execution.cancel',
    limit: 'general',
    input: executor.AskOfExecution,
    answers: { 202: executor.ExecutionView },
    doc: 'Asks a run to wait before its next action; one that waits for an approval does so once that is answered.',
  })
  pauseExecution(input: executor.AskOfExecution, ctx: CallContext): Promise<executor.ExecutionView> {
    return this.bus.call(ctx, executor.execution.pause, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/executions/:execution_id/resume',
    needs: 'execution.cancel',
    limit: 'general',
    input: executor.AskOfExecution,
    answers: { 202: executor.ExecutionView },
    doc: 'Lets a paused run go on; of one paused as inconclusive, this keeps what was done.',
  })
  resumeExecution(input: executor.AskOfExecution, ctx: CallContext): Promise<executor.ExecutionView> {
    return this.bus.call(ctx, executor.execution.resume, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/executions/:execution_id/cancel',
    needs: 'execution.cancel',
    limit: 'general',
    input: executor.AskOfExecution,
    answers: { 202: executor.ExecutionView },
    doc: 'Asks a run to end; what is under way is undone.',
  })
  cancelExecution(input: executor.AskOfExecution, ctx: CallContext): Promise<executor.ExecutionView> {
    return this.bus.call(ctx, executor.execution.cancel, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/executions/:execution_id/rollback',
    needs: 'execution.cancel',
    limit: 'general',
    input: executor.AskOfExecution,
    answers: { 202: executor.ExecutionView },
    doc: 'Asks for everything a run changed to be undone, while it runs or after it ended; never over what others changed since.',
  })
  rollBackExecution(input: executor.AskOfExecution, ctx: CallContext): Promise<executor.ExecutionView> {
    return this.bus.call(ctx, executor.execution.rollback, input);
  }
}
