import { fields, TEAM_ROLES, type TeamRole } from '#contracts';

const { Id, Instant, Int, ListOf, Nested, OneOf, Text } = fields;
export const EMAIL_PATTERN = /^[^\s@\0]+@[^\s@\0]+$/;
const MAX_EMAIL = 254;

export const Email = (): PropertyDecorator =>
  Text({ min: 3, max: MAX_EMAIL, pattern: EMAIL_PATTERN, doc: 'E-mail address; upper and lower case are the same.' });

export class TeamRef {
  @Id() team_id!: string;
}

export class CreateTeam {
  @Text({ min: 1, max: 100, doc: 'Unique in the installation.' }) name!: string;
}

export class ListTeams {
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Id({ optional: true, doc: '`next_cursor` of the page before.' }) cursor?: string;
}

export class TeamView {
  @Id() id!: string;
  @Text() name!: string;
  @OneOf(TEAM_ROLES, {
    optional: true,
    doc: "The caller's role; null for an installation admin who is no member, and for a key that has none or several.",
  })
  role!: TeamRole | null;
  @Instant() created_at!: string;
}

export class TeamPage {
  @ListOf(() => TeamView) items!: TeamView[];
  @Text({ optional: true, doc: 'Null on the last page.' }) next_cursor!: string | null;
}

export class ListMembers extends TeamRef {
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Id({ optional: true, doc: '`next_cursor` of the page before.' }) cursor?: string;
}

export class AddMember extends TeamRef {
  @Email() email!: string;
  @OneOf(TEAM_ROLES) role!: TeamRole;
  @Text({ optional: true, min: 1, max: 200, doc: 'What people read; default the e-mail address.' }) name?: string;
}

export class MemberRef extends TeamRef {
  @Id() user_id!: string;
}

export class ChangeMember extends MemberRef {
  @OneOf(TEAM_ROLES) role!: TeamRole;
}

/** For a member who cannot sign in. */
export class IssuePassword extends MemberRef {}

export class MemberView {
  @Id({ doc: 'User id.' }) id!: string;
  @Text() email!: string;
  @Text() name!: string;
  @OneOf(TEAM_ROLES) role!: TeamRole;
  @Instant({ doc: 'When the person joined the team.' }) created_at!: string;
}

export class MemberPage {
  @ListOf(() => MemberView) items!: MemberView[];
  @Text({ optional: true, doc: 'Null on the last page.' }) next_cursor!: string | null;
}

export class NewMember {
  @Nested(() => MemberView) user!: MemberView;
  @Text({
    optional: true,
    doc: 'For a person who has not set a password of their own: valid until they do, at most 7 days; shown only here. Else null.',
  })
  one_time_password!: string | null;
}
