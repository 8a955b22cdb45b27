import type { CallContext, TeamRole } from '#contracts';
import { uuidv7 } from '#kernel';
import { Database, once, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { AccessChanges } from '../auth/access-changes.js';
import { hashPassword } from '../auth/password.js';
import { UserRepository } from '../user/user.repository.js';
import {
  lastAdmin,
  memberExists,
  memberNotFound,
  passwordNeedsSession,
  teamExists,
  teamNotFound,
} from './member.errors.js';
import type {
  AddMember,
  ChangeMember,
  CreateTeam,
  ListMembers,
  ListTeams,
  MemberPage,
  MemberView,
  NewMember,
  TeamPage,
  TeamView,
} from './member.messages.js';
import { MemberRepository } from './member.repository.js';
import { judgeRole, type Standing, takesLastAdmin } from './member.rules.js';
import { ONE_TIME_HOURS, OneTimePasswords } from './one-time-password.js';

const PAGE = 50;

const pageOf = <T extends { id: string }>(rows: T[], limit: number): { items: T[]; next_cursor: string | null } => {
  const items = rows.slice(0, limit);
  return { items, next_cursor: rows.length > limit ? items.at(-1)!.id : null };
};

/** Teams and their members. Every method acts in `ctx.team`. */
@Injectable()
export class MemberService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly members: MemberRepository,
    private readonly passwords: OneTimePasswords,
    private readonly changes: AccessChanges,
  ) {}

  /** The caller's teams, or only the one they act in; every team for an installation admin. */
  teams(ctx: CallContext, input: ListTeams, all: boolean): Promise<TeamPage> {
    const limit = input.limit ?? PAGE;
    const page = { limit: limit + 1, after: input.cursor ?? undefined };
    const of = { every: ctx.roles.includes('installation_admin'), only: all ? null : ctx.team };
    return this.database.inTeam(ctx, async (tx) =>
      pageOf(await this.members.teams(tx, ctx.on_behalf_of.id, { ...of, ...page }), limit),
    );
  }

  /** @throws AppError `team.exists`, `request.key_reused` */
  createTeam(ctx: CallContext, input: CreateTeam): Promise<TeamView> {
    return this.changing(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        const team = await this.members.createTeam(tx, ctx, { id: uuidv7(), name: input.name });
        if (!team) throw teamExists();
        return team;
      }),
    );
  }

  list(ctx: CallContext, input: ListMembers): Promise<MemberPage> {
    const limit = input.limit ?? PAGE;
    return this.database.inTeam(ctx, async (tx) => {
      if (!(await this.members.teamExists(tx, ctx.team))) throw teamNotFound();
      return pageOf(await this.members.list(tx, { limit: limit + 1, after: input.cursor ?? undefined }), limit);
    });
  }

  /**
   * Takes a person into the team; one who is new to the installation gets a first password.
   * @throws AppError `member.exists`, `team.not_found`, `request.key_reused`, and for a key `member.role_beyond_key`,
   * `member.session_needed`
   */
  async add(ctx: CallContext, input: AddMember, by: Standing): Promise<NewMember> {
    judgeRole(input.role, by);
    const id = uuidv7();
    const user = {
      id,
      email: input.email,
      name: input.name ?? input.email,
      password_hash: await hashPassword(this.passwords.for(id)),
      one_time_hours: ONE_TIME_HOURS,
    };
    const added = await this.changing(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        if (!(await this.members.lockTeam(tx, ctx.team))) throw teamNotFound();
        const { id: userId, created } = await this.users.findOrCreate(tx, user);
        if (created && by.grant.key) throw passwordNeedsSession();
        if (await this.members.find(tx, userId)) throw memberExists();
        await this.members.setRole(tx, ctx, userId, input.role);
        return { user: (await this.members.find(tx, userId))!, created };
      }),
    );
    // A key that repeats what its person did signed in.
    if (added.created && by.grant.key) throw passwordNeedsSession();
    return { user: added.user, one_time_password: added.created ? this.passwords.for(added.user.id) : null };
  }

  /** @throws AppError `member.not_found`, `member.last_admin`, for a key `member.role_beyond_key` */
  async change(ctx: CallContext, { user_id, role }: ChangeMember, by: Standing): Promise<MemberView> {
    judgeRole(role, by);
    return this.changing(ctx, async (tx) => {
      await this.move(tx, ctx, user_id, role);
      return (await this.members.find(tx, user_id))!;
    });
  }

  /** @throws AppError `member.not_found`, `member.last_admin` */
  remove(ctx: CallContext, userId: string): Promise<void> {
    return this.changing(ctx, (tx) => this.move(tx, ctx, userId, null));
  }

  private changing<T>(ctx: CallContext, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.changes.during(() => this.database.inTeam(ctx, work));
  }

  private async move(tx: Tx, ctx: CallContext, userId: string, to: TeamRole | null): Promise<void> {
    if (!(await this.members.lockTeam(tx, ctx.team))) throw teamNotFound();
    const member = await this.members.find(tx, userId);
    if (!member) throw memberNotFound();
    if (takesLastAdmin({ from: member.role, to, admins: await this.members.admins(tx) })) throw lastAdmin();
    if (member.role !== to) await this.members.setRole(tx, ctx, userId, to);
  }
}
