import { fields, PrincipalView, type Role, TEAM_ROLES, type TeamRole } from '#contracts';
import { Email } from '../member/member.messages.js';
import type { Permission } from './permission.rules.js';

const { Bool, Id, Instant, Int, ListOf, Nested, OneOf, Text, Texts } = fields;
export const MIN_PASSWORD_LENGTH = 8;
const MAX_PASSWORD_LENGTH = 1_000;

export class Login {
  @Email() email!: string;
  @Text({ min: 1, max: MAX_PASSWORD_LENGTH }) password!: string;
  @Text({
    optional: true,
    max: 100,
    doc: 'What signs in, for the record. `cli` gets a refresh token in the body, anything else cookies.',
  })
  client?: string | null;
}

/** `<handle>.<secret>`, 256 bits each. */
export const RefreshToken = (options: { doc: string; optional: true }): PropertyDecorator =>
  Text({ ...options, max: 200 });

export class AccessToken {
  @Text({ doc: 'JWT; send it as `Authorization: Bearer …`.' }) access_token!: string;
  @OneOf(['Bearer']) token_type!: 'Bearer';
  @Int({ doc: 'Seconds.' }) expires_in!: number;
  @Bool({ doc: 'True: signed in with a one-time password; nothing else is allowed before POST /api/auth/password.' })
  password_change_required!: boolean;
  @RefreshToken({
    optional: true,
    doc: 'For a session that is not in a cookie: what POST /api/auth/refresh takes next.',
  })
  refresh_token?: string;
}

export class ChangePassword {
  @Text({ min: 1, max: MAX_PASSWORD_LENGTH }) old!: string;
  @Text({ min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_LENGTH, doc: 'At least 8 characters.' }) new!: string;
}

export class MyTeam {
  @Id() id!: string;
  @Text() name!: string;
  @OneOf(TEAM_ROLES, { optional: true, doc: 'Of a key its own; null when that is none, or several.' })
  role!: TeamRole | null;
}

export class MeUser {
  @Id() id!: string;
  @Text() email!: string;
  @Text() name!: string;
  @Bool({ doc: 'False for a key: it is none, whoever is behind it.' }) installation_admin!: boolean;
}

/** A one-time password that somebody was given for the person. */
export class PasswordIssued {
  @Text({ doc: 'Who was given it, and could have signed in by it.' }) by!: string;
  @Instant() at!: string;
}

/** Who the caller is. */
export class Me {
  @Nested(() => PrincipalView, { doc: 'Who acts: the person, or the agent or service of the key.' })
  principal!: PrincipalView;
  @Nested(() => MeUser, { doc: 'The person who signed in, or who is behind the key.' }) user!: MeUser;
  @Id({ doc: 'The team this request acts in.' }) team!: string;
  @Texts({ doc: 'Roles in that team.' }) roles!: Role[];
  @Texts({ doc: 'What they may do there; of a key within its scopes.' }) permissions!: Permission[];
  @ListOf(() => MyTeam) teams!: MyTeam[];
  @Nested(() => PasswordIssued, {
    optional: true,
    doc: "The person's last one-time password; null: none, or for a key.",
  })
  password_issued!: PasswordIssued | null;
  @Bool({ doc: 'True: nothing but POST /api/auth/password is allowed.' }) password_change_required!: boolean;
}
