export const PRINCIPAL_KINDS = ['person', 'agent', 'service'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

export interface Principal {
  kind: PrincipalKind;
  /** A person's user id (UUID), or an agent's or service's own name. */
  id: string;
  /** What people read: an e-mail address or the name again. */
  name: string;
}

export const TEAM_ROLES = ['viewer', 'operator', 'approver', 'admin'] as const;
export type TeamRole = (typeof TEAM_ROLES)[number];
export type Role = TeamRole | 'installation_admin';

/** Travels in a header beside every message, made by the gateway (or rebuilt by a worker from its row), never in a body. */
export interface CallContext {
  /** UUID of the team whose rows this call may see. */
  team: string;
  principal: Principal;
  /** Who is really behind it; "self" in self-approval is judged against this. */
  on_behalf_of: Principal;
  roles: Role[];
  idempotency_key?: string;
  /** W3C traceparent. */
  trace?: string;
}
