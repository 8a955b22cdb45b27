import { askersOf, type CallContext, type Rpc } from '#contracts';
import { Bus } from '#messaging';
import { connectNats } from '#service';
import type { TestPlatform } from '#testing';

export interface Questions {
  /** Put by the first service that may ask it. */
  call<I extends object, O extends object>(
    ctx: CallContext,
    question: Rpc<I, O>,
    input: I,
    options?: { timeoutMs?: number },
  ): Promise<O>;
  close(): Promise<void>;
}

/** Whoever may ask governance something, on connections of their own. */
export const openQuestions = async (platform: TestPlatform): Promise<Questions> => {
  const [gateway, executor] = await Promise.all([connectNats(platform, 'gateway'), connectNats(platform, 'executor')]);
  const buses = new Map([
    ['gateway', new Bus(gateway, 'gateway')],
    ['executor', new Bus(executor, 'executor')],
  ]);
  return {
    call: (ctx, question, input, options) =>
      buses.get(askersOf(question)[0] ?? '')!.call(ctx, question, input, options),
    close: async () => void (await Promise.all([gateway.close(), executor.close()])),
  };
};
