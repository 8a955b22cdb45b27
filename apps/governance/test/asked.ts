import type { CallContext, governance, Principal } from '#contracts';
import { digestOf, uuidv7 } from '#kernel';
import { callContext, person } from '#testing';

const SUITE: Principal = { kind: 'service', id: 'suite', name: 'suite' };

/** The executor's context: the run was submitted by the service principal `suite`. */
export const runContext = (team: string, on_behalf_of: Principal = SUITE): CallContext =>
  callContext({ team, principal: SUITE, on_behalf_of, roles: [] });

export const approver = (
  team: string,
  who = person('approver'),
  role: 'approver' | 'admin' = 'approver',
): CallContext => callContext({ team, principal: who, roles: [role] });

/** The delete below `data/`, which needs one approver; `.git` needs two. */
export const deletion = (changed: Partial<governance.DecideAction> = {}): governance.DecideAction => {
  const paths = changed.paths ?? ['data/customers.db'];
  return {
    execution_id: uuidv7(),
    step: 6,
    index: 0,
    digest: digestOf(paths),
    agent_id: 'tidy',
    agent_version: digestOf('tidy.yaml'),
    tool: 'file.delete@v1',
    effects: 'reversible',
    arguments: { path: paths[0] },
    target: { kind: 'path', path: paths[0] },
    paths,
    risk: 0.3,
    workspace: { id: '/srv/tidy', registered: true },
    held: true,
    sandbox: 'bubblewrap',
    taint: { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: false },
    ...changed,
  };
};
