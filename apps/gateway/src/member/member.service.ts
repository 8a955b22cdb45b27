import type { CallContext, TeamRole } from '#contracts';
import { uuidv7 } from '#kernel';
import { Database, once, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { AccessChanges } from '../auth/access-changes.js';
import { hashPassword } from '../auth/password.js';
import { roleOfKey } from '../key/key.rules.js';
import { type OneTime, UserRepository } from '../user/user.repository.js';
import {
  lastAdmin,
  memberExists,
  memberNotFound,
  ownPassword,
  passwordNeedsSession,
  passwordNotYours,
  passwordPending,
  teamExists,
  teamNotFound,
} from './member.errors.js';
import type {
  AddMember,
  ChangeMember,
  CreateTeam,
  IssuePassword,
  ListMembers,
  ListTeams,
  MemberPage,
  MemberView,
  NewMember,
  TeamPage,
  TeamView,
} from './member.messages.js';
import { MemberRepository } from './member.repository.js';
import { judgeRole, mayHoldPassword, type Standing, takesLastAdmin } from './member.rules.js';
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

  /** The caller's teams, every team for an installation admin; not `all`: of a key, its own and what it is there. */
  teams(ctx: CallContext, input: ListTeams, all: boolean): Promise<TeamPage> {
    const limit = input.limit ?? PAGE;
    const page = { limit: limit + 1, after: input.cursor ?? undefined };
    const of = { every: ctx.roles.includes('installation_admin'), only: all ? null : ctx.team };
    return this.database.inTeam(ctx, async (tx) => {
      const teams = await this.members.teams(tx, ctx.on_behalf_of.id, { ...of, ...page });
      return pageOf(all ? teams : teams.map((team) => ({ ...team, role: roleOfKey(ctx.roles) })), limit);
    });
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
   * Takes a person into the team; one who has no password of their own yet gets a one-time password.
   * @throws AppError `member.exists`, `member.password_pending`, `team.not_found`, `request.key_reused`, and for a key
   * `member.role_beyond_key`, `member.session_needed`
   */
  async add(ctx: CallContext, input: AddMember, by: Standing): Promise<NewMember> {
    judgeRole(input.role, by);
    const fresh = await this.newIssue(ctx);
    const { email, name = email } = input;
    const added = await this.changing(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        if (!(await this.members.lockTeam(tx, ctx.team))) throw teamNotFound();
        const user = { id: uuidv7(), email, name, password_hash: fresh.hash, one_time: fresh };
        const { id, created } = await this.users.findOrCreate(tx, user);
        if (await this.members.find(tx, id)) throw memberExists();
        const person = await this.users.lock(tx, id, ctx.team);
        if (person.one_time && by.grant.key) throw passwordNeedsSession();
        if (person.one_time && !mayHoldPassword(person, ctx.roles)) throw passwordPending();
        if (person.one_time && !created) await this.users.issuePassword(tx, id, fresh);
        await this.members.setRole(tx, ctx, id, input.role, person.one_time);
        return { user: (await this.members.find(tx, id))!, issue: person.one_time ? fresh.issue : null };
      }),
    );
    // A key that repeats what its person did signed in.
    if (added.issue !== null && by.grant.key) throw passwordNeedsSession();
    return this.answerOf(added);
  }

  /**
   * A new one-time password for a member who cannot sign in; it ends every session of theirs.
   * @throws AppError `member.not_found`, `member.own_password`, `member.password_not_yours`, `team.not_found`,
   * `request.key_reused`
   */
  async issuePassword(ctx: CallContext, input: IssuePassword): Promise<NewMember> {
    const fresh = await this.newIssue(ctx);
    const issued = await this.changing(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        if (!(await this.members.lockTeam(tx, ctx.team))) throw teamNotFound();
        const user = await this.members.find(tx, input.user_id);
        if (!user) throw memberNotFound();
        if (user.id === ctx.principal.id) throw ownPassword();
        if (!mayHoldPassword(await this.users.lock(tx, user.id, ctx.team), ctx.roles)) throw passwordNotYours();
        await this.users.issuePassword(tx, user.id, fresh);
        await this.members.setRole(tx, ctx, user.id, user.role, true);
        return { user, issue: fresh.issue };
      }),
    );
    return this.answerOf(issued);
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

  /** A one-time password as it is kept: what it is derived from, and its hash. */
  private async newIssue({ principal }: CallContext): Promise<OneTime & { issue: string; hash: string }> {
    const issue = uuidv7();
    return { issue, hash: await hashPassword(this.passwords.for(issue)), hours: ONE_TIME_HOURS, by: principal.name };
  }

  private answerOf({ user, issue }: { user: MemberView; issue: string | null }): NewMember {
    return { user, one_time_password: issue && this.passwords.for(issue) };
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
