import { type CallContext, executor } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';
import { asOwnAgent } from '../key/key.rules.js';

/** Prediction, policy and a wait for whoever works on the same action, one after the other. */
const DECIDE_MS = 25_000;

@Controller()
export class LoopController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'POST',
    path: '/loop/execute',
    needs: 'execution.submit',
    limit: 'general',
    input: executor.ProposeAction,
    answers: { 200: executor.LoopAnswer },
    creates: true,
    doc: 'What an agent that runs elsewhere asks before it acts: predicts, decides and records one action. With the same Idempotency-Key it is told what people said meanwhile.',
  })
  executeLoop(input: executor.ProposeAction, ctx: CallContext): Promise<executor.LoopAnswer> {
    return this.bus.call(ctx, executor.loop.execute, asOwnAgent(ctx, input), { timeoutMs: DECIDE_MS });
  }
}
