import type { governance } from '#contracts';
import { idempotencyKey } from '#kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { Run } from '../execution/run.js';
import { KillSwitchGate } from '../kill-switch/kill-switch.gate.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { ToolResult } from '../tool/tool.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import type { Action } from './action.entity.js';

export const SANDBOX = Symbol('sandbox');

const TOOL_TIMEOUT_MS = 60_000;
const OUTPUT_BYTES = 262_144;

const OUT_OF_TIME = { code: 'budget.exhausted', message: 'The time of tools that its budget had left is spent.' };

/** Lets a tool act, unless something forbids it at that very moment. */
@Injectable()
export class ActionTool {
  constructor(
    private readonly tools: ToolRegistry,
    private readonly kills: KillSwitchGate,
    @Inject(SANDBOX) private readonly sandbox: Sandbox,
  ) {}

  /** @throws AppError `kill_switch.unknown`, retryable */
  ready(): Promise<void> {
    return this.kills.fresh();
  }

  /**
   * The switch that kept it from beginning, or what came of it.
   * @throws AppError `kill_switch.unknown`, retryable: nothing was done
   */
  async run(run: Run, action: Action, args: object): Promise<ToolResult | { killed: governance.KillOrder }> {
    const parsed = this.tools.parse(action.tool, args);
    const spent = run.wallMs === null ? null : AbortSignal.timeout(run.wallMs);
    run.wallMs = null;
    const environment = {
      root: run.root!,
      sandbox: this.sandbox,
      signal: spent ? AbortSignal.any([run.halt, spent]) : run.halt,
      idempotency_key: idempotencyKey(action),
    };
    const limits = {
      timeoutMs: TOOL_TIMEOUT_MS,
      outputBytes: OUTPUT_BYTES,
      exitCodes: action.contract!.exit_codes,
    };
    await this.kills.fresh();
    // Nothing is awaited between the look and the beginning.
    const order = this.kills.against({ ...run.subject, tool: action.tool });
    if (order) return { killed: order };
    const result = await this.tools.get(action.tool).tool.run(parsed, environment, limits);
    return spent?.aborted && !result.ok && !run.halt.aborted ? { ...result, failure: OUT_OF_TIME } : result;
  }
}
