import { type CallContext, executor, governance } from '#contracts';
import type { FactLog, Tx } from '#persistence';
import type { Bus } from './bus.js';
import { Handles, type Heard, Hears, type RpcHandlers } from './handles.js';

// The deliberate mistakes: each must not compile. `tsc` reports an expectation that is not met, so a type that grows
// too wide is noticed. Nothing here runs.

declare const bus: Bus;
declare const facts: FactLog;
declare const tx: Tx;
declare const ctx: CallContext;
declare const view: executor.PlaybookView;

// @ts-expect-error a missing handler: `list` is not there
class MissingHandler implements RpcHandlers<typeof executor.playbook> {
  register = async (): Promise<executor.PlaybookView> => view;
  validate = async (): Promise<executor.PlaybookView> => view;
  get = async (): Promise<executor.PlaybookView> => view;
}

class WrongInput {
  // @ts-expect-error a wrong input: the question carries a source
  @Handles(executor.playbook.register)
  async register(_input: { text: number }, _ctx: CallContext): Promise<executor.PlaybookView> {
    return view;
  }
}

class WrongOutput {
  // @ts-expect-error a wrong output: the answer is a playbook
  @Handles(executor.playbook.register)
  async register(_input: executor.RegisterPlaybook): Promise<{ name: number }> {
    return { name: 1 };
  }
}

class WrongHearing {
  // @ts-expect-error a consumer of another fact's body
  @Hears(governance.approvalDecided)
  async decided(_heard: Heard<executor.ExecutionFinished>): Promise<void> {}
}

const mistakes = async (): Promise<void> => {
  // @ts-expect-error a missing field: a playbook is named
  await bus.call(ctx, executor.playbook.get, {});
  // @ts-expect-error an unknown field
  await bus.call(ctx, executor.playbook.get, { name: 'tidy', version: 2 });
  const answer = await bus.call(ctx, executor.playbook.get, { name: 'tidy' });
  // @ts-expect-error an unknown field read
  void answer.author;
  // @ts-expect-error a fact is not a question
  await bus.call(ctx, executor.executionFinished, {});
  // @ts-expect-error a wrong fact body
  await facts.append(tx, ctx, executor.executionFinished, { aggregate_id: '', version: 1, body: { status: 'done' } });
  // @ts-expect-error a call without a context
  await bus.call(executor.playbook.get, { name: 'tidy' });
};

export type Mistakes = [MissingHandler, WrongInput, WrongOutput, WrongHearing, typeof mistakes];
