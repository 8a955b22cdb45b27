import { type CallContext, governance, invalidInput } from '#contracts';
import { isUuid } from '#kernel';
import { Database, once, type Tx } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import { mayApprove, reasonOf } from '../approval/approval.rules.js';
import type { Env } from '../env.js';
import { MemberRepository } from '../member/member.repository.js';
import type { Bypass } from './bypass.entity.js';
import { bypassNothingAsked, bypassRoleMissing } from './bypass.errors.js';
import { BypassRepository } from './bypass.repository.js';
import { bypassStatus, countsFor, isOfSubject, limitProblems } from './bypass.rules.js';

const PAGE = 50;

/** What people give and revoke against the fatigue of being asked, and what actions use of it. */
@Injectable()
export class BypassService {
  constructor(
    private readonly database: Database,
    private readonly bypasses: BypassRepository,
    private readonly members: MemberRepository,
    @Inject(ENV) private readonly env: Pick<Env, 'BYPASS_MAX_HOURS' | 'BYPASS_MAX_USES'>,
  ) {}

  /** @throws AppError `bypass.role_missing`, `bypass.nothing_asked`; `input.invalid` beyond the installation's limits */
  async add(ctx: CallContext, input: governance.AddBypass): Promise<governance.BypassView> {
    assertApprover(ctx);
    const problems = limitProblems(input, { hours: this.env.BYPASS_MAX_HOURS, uses: this.env.BYPASS_MAX_USES });
    const reason = reasonOf(input);
    if (reason === null) problems.push({ path: '/reason', message: 'must say why' });
    if (reason === null || problems.length > 0) throw invalidInput(problems);
    const tool = governance.toolIdOf(input.tool);
    return this.database.inTeam(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        const subject = await this.bypasses.subject(tx, input.agent_id, tool, input.approval_id ?? null);
        if (!subject) throw bypassNothingAsked();
        return bypassView(await this.bypasses.add(tx, ctx, { ...input, tool, reason }, subject), null);
      }),
    );
  }

  /** @throws AppError `bypass.role_missing`, `bypass.not_found` */
  async revoke(ctx: CallContext, id: string): Promise<governance.BypassView> {
    assertApprover(ctx);
    return this.database.inTeam(ctx, async (tx) => {
      const revoked = await this.bypasses.revoke(tx, ctx, id);
      return bypassView(revoked ?? (await this.bypasses.get(tx, id)), await databaseNow(tx));
    });
  }

  /** @throws AppError `input.invalid` for a cursor that is none */
  list(ctx: CallContext, { status, cursor, limit = PAGE }: governance.ListBypasses): Promise<governance.BypassPage> {
    if (cursor !== undefined && !isUuid(cursor)) {
      throw invalidInput([{ path: '/cursor', message: 'must be the next_cursor of the page before' }]);
    }
    return this.database.inTeam(ctx, async (tx) => {
      const rows = await this.bypasses.list(tx, { status, limit: limit + 1, before: cursor });
      const now = await databaseNow(tx);
      const page = rows.slice(0, limit);
      return {
        items: page.map((row) => bypassView(row, now)),
        next_cursor: rows.length > limit ? page.at(-1)!.id : null,
      };
    });
  }

  /**
   * Uses a bypass for an action that needs one approver, once for each action key however often it asks; null when
   * there is none for it.
   */
  async use(tx: Tx, ctx: CallContext, action: governance.DecideAction): Promise<governance.BypassUse | null> {
    const before = await this.bypasses.useOf(tx, action);
    if (before) return this.used(tx, action, before);
    for (const candidate of await this.bypasses.candidates(tx, action)) {
      const { id, given_by } = candidate;
      if (!isOfSubject(candidate, action, ctx.principal)) continue;
      if (!countsFor(given_by, ctx, await this.members.known(tx, [given_by.id]))) continue;
      await this.bypasses.lock(tx, id);
      // A twin of this question may have used it while this one waited.
      const twin = await this.bypasses.useOf(tx, action);
      if (twin) return this.used(tx, action, twin);
      const use = await this.bypasses.use(tx, ctx.team, id, action);
      if (use !== null) return { bypass_id: id, given_by: given_by.name, use };
    }
    return null;
  }

  /** What was used counts for the same action alone, and no longer once it was revoked. */
  private async used(
    tx: Tx,
    { digest }: governance.DecideAction,
    use: { bypass_id: string; use: number; digest: string },
  ): Promise<governance.BypassUse | null> {
    const { given_by, revoked_at } = await this.bypasses.get(tx, use.bypass_id);
    if (use.digest !== digest || revoked_at) return null;
    return { bypass_id: use.bypass_id, given_by: given_by.name, use: use.use };
  }
}

const assertApprover = ({ principal, roles }: CallContext): void => {
  if (!mayApprove({ kind: principal.kind, roles })) throw bypassRoleMissing();
};

const databaseNow = async (tx: Tx): Promise<Date> => (await tx.query(`SELECT clock_timestamp() AS now`))[0].now as Date;

/** `now` on the database's clock; null: the moment it was given. */
const bypassView = (bypass: Bypass, now: Date | null): governance.BypassView => {
  const { id, agent_id, tool, reason, uses, used, given_by, revoked_by, given_at, expires_at, revoked_at } = bypass;
  const { agent_version, held, requested_by } = bypass;
  const state = { uses, used, expires_at: expires_at.getTime(), is_revoked: revoked_at !== null };
  return {
    ...{ agent_version, held, requested_by },
    ...{ id, agent_id, tool, reason, uses, used, given_by, revoked_by },
    status: bypassStatus(state, (now ?? given_at).getTime()),
    given_at: given_at.toISOString(),
    expires_at: expires_at.toISOString(),
    revoked_at: revoked_at?.toISOString() ?? null,
  };
};
