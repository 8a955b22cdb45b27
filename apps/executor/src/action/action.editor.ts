import { type CallContext, type executor, governance } from '#contracts';
import { digestOf, isAppError, type JsonValue } from '#kernel';
import { Bus } from '#messaging';
import { Injectable } from '@nestjs/common';
import { contractOfEdit } from '../contract/contract.rules.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import { restoreHidden } from './action-edit.rules.js';
import type { Action } from './action.entity.js';
import { editInvalid, editUnclear } from './action.errors.js';
import { ActionGate } from './action.gate.js';
import { ActionVersions, type Version } from './action.versions.js';
import { Sealer } from './sealer.js';
import { visible } from './visible.rules.js';

/**
 * Makes an action of the arguments that a reviewer wrote: checked by its tool, under its contract, with a digest of its
 * own. It is written down before anybody hears of it; whether it may be is governance's to say, and the yes the reviewer's.
 */
@Injectable()
export class ActionEditor {
  constructor(
    private readonly bus: Bus,
    private readonly versions: ActionVersions,
    private readonly tools: ToolRegistry,
    private readonly gate: ActionGate,
    private readonly sealer: Sealer,
  ) {}

  /**
   * @throws AppError `approval.not_found`; `input.invalid`, `action.edit_unclear`, `contract.contradictory`, located in
   * the arguments
   */
  async edit(ctx: CallContext, input: executor.EditAction): Promise<executor.EditedAction> {
    const { id, digest, arguments: written } = input;
    const approval = await this.bus.call(ctx, governance.approval.get, { id });
    const version = await this.versions.find(ctx, approval, digest);
    return { request: version && (await this.prepare(ctx, version, written)) };
  }

  private async prepare(
    ctx: CallContext,
    { acting, action }: Version,
    written: Record<string, unknown>,
  ): Promise<governance.DecideAction> {
    const real = this.sealer.open<Record<string, unknown>>(action.team_id, action.sealed_arguments);
    const restored = restoreHidden(written, visible(real), real);
    if (restored.kind === 'unclear') throw editUnclear(restored.path);
    const args = restored.arguments;
    const effect = this.tools.get(action.tool).tool.effect(this.parse(action.tool, args));
    const edited: Action = Object.assign(Object.create(Object.getPrototypeOf(action) as object) as Action, action, {
      arguments: visible(args),
      sealed_arguments: this.sealer.seal(action.team_id, args),
      contract: contractOfEdit(action.contract!, { args_digest: digestOf(args as JsonValue), effect }),
    });
    edited.digest = this.gate.digestOf(acting, edited, args);
    edited.predicted = await this.gate.assess(acting, edited, args);
    const request = await this.gate.question(acting, edited, args, edited.predicted);
    await this.versions.add(ctx, edited);
    return request;
  }

  private parse(tool: string, args: object): object {
    try {
      return this.tools.parse(tool, args);
    } catch (error) {
      const problems = isAppError(error) && error.code === 'input.invalid' && error.details?.errors;
      throw problems ? editInvalid(problems) : error;
    }
  }
}
