import { type CallContext, executor } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { ActionEditor } from './action.editor.js';

@Controller()
export class ActionRpc implements RpcHandlers<typeof executor.action> {
  constructor(private readonly editor: ActionEditor) {}

  @Handles(executor.action.edit)
  edit(input: executor.EditAction, ctx: CallContext) {
    return this.editor.edit(ctx, input);
  }
}
