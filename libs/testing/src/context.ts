import type { CallContext, Principal, Role } from '#contracts';
import { uuidv7 } from '#kernel';

/** A caller of some team; the team and the person are new unless given. */
export const callContext = (given: Partial<CallContext> & { roles?: Role[] } = {}): CallContext => {
  const principal: Principal = given.principal ?? person();
  return { team: uuidv7(), principal, on_behalf_of: principal, roles: ['admin'], ...given };
};

export const person = (name = 'somebody'): Principal => ({ kind: 'person', id: uuidv7(), name: `${name}@example.org` });
