import { Bool, Id, Instant, Int, ListOf, Nested, OneOf, Text } from '../fields.js';
import { fact, rpc } from '../message.js';
import { PrincipalView } from '../principal.js';

export const BYPASS_STATUSES = ['active', 'used_up', 'expired', 'revoked'] as const;
export type BypassStatus = (typeof BYPASS_STATUSES)[number];

export class BypassRef {
  @Id() id!: string;
}

/**
 * Lets one agent use one tool without asking again, where policy asks for one approver; for a time and so often. Of the
 * agent it covers what its newest question about the tool was asked by: that version, held or not, and when not held that
 * principal.
 */
export class AddBypass {
  @Text({ min: 1, max: 200 }) agent_id!: string;
  @Text({ min: 1, max: 100, doc: '`<name>@v<n>`, or `<name>`, which is version 1.' }) tool!: string;
  @Id({ optional: true, doc: 'The question its giver has seen; default the newest of this agent and tool.' })
  approval_id?: string;
  @Int({ min: 1, doc: 'How long it lasts, in minutes; the installation says how long at most.' }) minutes!: number;
  @Int({ min: 1, doc: 'How many actions it lets through; the installation says how many at most.' }) uses!: number;
  @Text({ min: 1, max: 2000 }) reason!: string;
}

export class ListBypasses {
  @OneOf(BYPASS_STATUSES, { optional: true }) status?: BypassStatus;
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Text({ optional: true, max: 200 }) cursor?: string;
}

export class BypassView {
  @Id() id!: string;
  @OneOf(BYPASS_STATUSES) status!: BypassStatus;
  @Text() agent_id!: string;
  @Text({
    optional: true,
    doc: 'Digest of the playbook, or type of the agent; null: ended before it was bound to one.',
  })
  agent_version!: string | null;
  @Bool({ optional: true, doc: 'Whether it covers actions a hold is taken before, or those without; never both.' })
  held!: boolean | null;
  @Nested(() => PrincipalView, { optional: true, doc: 'Who asked; of actions without a hold it covers theirs alone.' })
  requested_by!: PrincipalView | null;
  @Text() tool!: string;
  @Text() reason!: string;
  @Int() uses!: number;
  @Int() used!: number;
  @Nested(() => PrincipalView) given_by!: PrincipalView;
  @Instant() given_at!: string;
  @Instant() expires_at!: string;
  @Nested(() => PrincipalView, { optional: true }) revoked_by!: PrincipalView | null;
  @Instant({ optional: true }) revoked_at!: string | null;
}

export class BypassPage {
  @ListOf(() => BypassView) items!: BypassView[];
  @Text({ optional: true }) next_cursor!: string | null;
}

export class BypassAdded {
  @Id() bypass_id!: string;
  @Text() agent_id!: string;
  @Text({ optional: true }) agent_version?: string | null;
  @Bool({ optional: true }) held?: boolean | null;
  @Text() tool!: string;
  @Text() reason!: string;
  @Int() uses!: number;
  @Nested(() => PrincipalView) given_by!: PrincipalView;
  @Instant() expires_at!: string;
}

export class BypassRevoked {
  @Id() bypass_id!: string;
  @Text() agent_id!: string;
  @Text() tool!: string;
  @Int() used!: number;
  @Nested(() => PrincipalView) revoked_by!: PrincipalView;
}

export const bypass = {
  add: rpc('governance.bypass.add.v1', AddBypass, BypassView),
  list: rpc('governance.bypass.list.v1', ListBypasses, BypassPage),
  /** Of one that was revoked before, nothing changes. */
  revoke: rpc('governance.bypass.revoke.v1', BypassRef, BypassView),
} as const;

export const bypassAdded = fact('governance.bypass.added.v1', BypassAdded);
export const bypassRevoked = fact('governance.bypass.revoked.v1', BypassRevoked);
