import { type CallContext, executor } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { ExecutionService } from './execution.service.js';
import { RequestService } from './request.service.js';
import { SubmissionService } from './submission.service.js';

@Controller()
export class ExecutionRpc implements RpcHandlers<typeof executor.execution> {
  constructor(
    private readonly submissions: SubmissionService,
    private readonly executions: ExecutionService,
    private readonly requests: RequestService,
  ) {}

  @Handles(executor.execution.submit)
  submit(input: executor.SubmitExecution, ctx: CallContext) {
    return this.submissions.submit(ctx, input);
  }

  @Handles(executor.execution.get)
  get(input: executor.ExecutionRef, ctx: CallContext) {
    return this.executions.get(ctx, input.execution_id);
  }

  @Handles(executor.execution.list)
  list(input: executor.ListExecutions, ctx: CallContext) {
    return this.executions.list(ctx, input);
  }

  @Handles(executor.execution.steps)
  steps(input: executor.ReadSteps, ctx: CallContext) {
    return this.executions.steps(ctx, input);
  }

  @Handles(executor.execution.pause)
  pause(input: executor.AskOfExecution, ctx: CallContext) {
    return this.requests.ask(ctx, 'pause', input);
  }

  @Handles(executor.execution.resume)
  resume(input: executor.AskOfExecution, ctx: CallContext) {
    return this.requests.ask(ctx, 'resume', input);
  }

  @Handles(executor.execution.cancel)
  cancel(input: executor.AskOfExecution, ctx: CallContext) {
    return this.requests.ask(ctx, 'cancel', input);
  }

  @Handles(executor.execution.rollback)
  rollback(input: executor.AskOfExecution, ctx: CallContext) {
    return this.requests.ask(ctx, 'rollback', input);
  }
}
