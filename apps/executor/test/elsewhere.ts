import { type CallContext, executor as contract } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Engine } from './engine.js';

/** An agent that runs elsewhere, in a folder of an engine; each proposal is another agent's unless it says so. */
export const openElsewhere = (engine: Engine) => {
  const folder = engine.folder({ 'a.txt': 'a' });
  const proposal = (changed: Partial<contract.ProposeAction> = {}): contract.ProposeAction => ({
    task_description: 'Tidy up.',
    agent_id: uuidv7(),
    tool: 'file.delete',
    arguments: { path: 'a.txt' },
    workspace: { kind: 'local', path: folder },
    ...changed,
  });
  const withKey = (): CallContext => ({ ...engine.ctx, idempotency_key: uuidv7() });
  const ask = (input = proposal(), ctx = withKey()) => engine.bus.call(ctx, contract.loop.execute, input);
  return { folder, proposal, withKey, ask };
};

export type Elsewhere = ReturnType<typeof openElsewhere>;
