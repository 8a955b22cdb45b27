import { type CallContext, executor } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { ExecutionService } from '../execution/execution.service.js';

@Controller()
export class JournalRpc implements RpcHandlers<typeof executor.journal> {
  constructor(private readonly executions: ExecutionService) {}

  @Handles(executor.journal.read)
  read(input: executor.ReadJournal, ctx: CallContext) {
    return this.executions.frames(ctx, input);
  }
}
