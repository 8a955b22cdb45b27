import { TEAM_ROLES, type TeamRole } from '../call-context.js';
import { Bool, Id, OneOf, Text } from '../fields.js';
import { fact } from '../message.js';

/** A person's place in a team as it is from now on. */
export class MemberChanged {
  @Id() user_id!: string;
  @Text() email!: string;
  @OneOf(TEAM_ROLES, { optional: true, doc: 'Null: no longer a member.' }) role!: TeamRole | null;
  @Bool({ doc: 'False: the account is disabled.' }) active!: boolean;
  @Bool({
    optional: true,
    doc: 'True: whoever did this was also handed a one-time password of this person, and so could sign in as them.',
  })
  password_issued?: boolean;
}

export const memberChanged = fact('gateway.member.changed.v1', MemberChanged);
