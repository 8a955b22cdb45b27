import { fields, PRINCIPAL_KINDS, type PrincipalKind, TEAM_ROLES, type TeamRole } from '#contracts';
import { ALL_PERMISSIONS, type Permission } from '../auth/permission.rules.js';

const { Id, Instant, Int, ListOf, OneOf, Text, Texts } = fields;
const MAX_DAYS = 366;
const MAX_USES = 1_000_000_000;
const MAX_NAME = 100;
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._@/:+-]*$/;
export const KEY_STATES = ['active', 'used_up', 'expired', 'revoked'] as const;

export class CreateKey {
  @OneOf(PRINCIPAL_KINDS, {
    doc: 'Who acts by it: `person` the caller, `agent` the agent of this name, which never approves, `service` a machine.',
  })
  type!: PrincipalKind;
  @Text({
    optional: true,
    min: 1,
    max: MAX_NAME,
    pattern: NAME,
    doc: 'Of an agent or service its own name, required; of a person what the key is for.',
  })
  name?: string | null;
  @Id({ optional: true, doc: 'Defaults to the caller; nobody makes a key for somebody else.' }) user_id?: string | null;
  @OneOf(TEAM_ROLES, {
    optional: true,
    doc: "At most the caller's own; default for a person their role of the time, for the others operator, of whom may less viewer.",
  })
  role?: TeamRole | null;
  @Texts({
    optional: true,
    max: ALL_PERMISSIONS.length,
    values: ALL_PERMISSIONS,
    doc: 'Permissions it is kept to; absent: all of its role.',
  })
  scopes?: Permission[] | null;
  @Int({ optional: true, min: 1, max: MAX_USES, doc: 'Requests it is good for; absent: any number.' })
  usage_limit?: number | null;
  @Int({ optional: true, min: 1, max: MAX_DAYS, doc: 'Days until it expires, 1..366, default 90.' })
  expires_in_days?: number | null;
}

export class RoleChoice {
  @OneOf(TEAM_ROLES) role!: TeamRole;
  @Texts({
    values: ALL_PERMISSIONS,
    doc: 'What a key of this type with this role may do: the scopes it can be kept to.',
  })
  permissions!: Permission[];
}

export class KeyChoiceView {
  @OneOf(PRINCIPAL_KINDS) type!: PrincipalKind;
  @ListOf(() => RoleChoice, { doc: 'Least first.' }) roles!: RoleChoice[];
}

export class KeyChoices {
  @ListOf(() => KeyChoiceView) items!: KeyChoiceView[];
}

export class NewKey {
  @Id() id!: string;
  @Text({ doc: 'Send it as `X-API-Key`. Shown only here.' }) api_key!: string;
}

export class ListKeys {
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Id({ optional: true, doc: '`next_cursor` of the page before.' }) cursor?: string;
}

export class KeyRef {
  @Id() id!: string;
}

export class KeyView {
  @Id() id!: string;
  @Id({ doc: 'The person behind it: it never does more than they may.' }) user_id!: string;
  @Text() email!: string;
  @OneOf(PRINCIPAL_KINDS) type!: PrincipalKind;
  @Text() name!: string;
  @OneOf(TEAM_ROLES, { optional: true, doc: 'Null: that of the person.' }) role!: TeamRole | null;
  @Texts({ optional: true, values: ALL_PERMISSIONS, doc: 'Null: all of its role.' }) scopes!: Permission[] | null;
  @Texts({ values: ALL_PERMISSIONS, doc: 'What it may do now; nothing once it is over.' }) permissions!: Permission[];
  @Texts({ values: TEAM_ROLES, doc: 'The least roles that hold what it may do now.' }) roles!: TeamRole[];
  @OneOf(KEY_STATES) state!: (typeof KEY_STATES)[number];
  @Int({ optional: true, doc: 'Null: any number.' }) usage_limit!: number | null;
  @Int({ doc: 'A second late; up to 10 uses ahead while a process has them in hand.' }) uses!: number;
  @Instant() created_at!: string;
  @Instant({ optional: true, doc: 'A second late; null: never.' }) last_used_at!: string | null;
  @Instant() expires_at!: string;
  @Instant({ optional: true, doc: 'Null: never.' }) revoked_at!: string | null;
}

export class KeyPage {
  @ListOf(() => KeyView) items!: KeyView[];
  @Text({ optional: true, doc: 'Null on the last page.' }) next_cursor!: string | null;
}
