import { type CallContext, TEAM_ROLES } from '#contracts';
import { uuidv7 } from '#kernel';
import { Database, once, type Tx } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../auth/authenticator.js';
import { noTeam } from '../auth/auth.errors.js';
import type { Env } from '../env.js';
import { MemberRepository } from '../member/member.repository.js';
import { KeySecrets } from './key-secrets.js';
import { writeKey } from './key-text.js';
import { keyNotFound, tooManyKeys } from './key.errors.js';
import type { CreateKey, KeyChoices, KeyPage, KeyView, ListKeys, NewKey } from './key.messages.js';
import { KeyRepository, type KeyRow } from './key.repository.js';
import { choicesOf, judgeKey, leastRoles, permissionsOfKey, stateOf } from './key.rules.js';

const PAGE = 50;
const DAYS = 90;
const MAX_OPEN = 100;

const viewOf = ({ person_role, revoked, expired, ...row }: KeyRow): KeyView => {
  const state = stateOf({ ...row, revoked, expired });
  const permissions = person_role === null || state !== 'active' ? [] : permissionsOfKey(row, person_role);
  return {
    ...row,
    scopes: row.scopes && [...row.scopes],
    permissions,
    roles: leastRoles(permissions),
    state,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    expires_at: row.expires_at.toISOString(),
    revoked_at: row.revoked_at?.toISOString() ?? null,
  };
};

/** API keys of a team: a person's own, and everybody's for who may manage them. */
@Injectable()
export class KeyService {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRepository,
    private readonly members: MemberRepository,
    private readonly secrets: KeySecrets,
    @Inject(ENV) private readonly env: Pick<Env, 'SPECTRACE_ENV'>,
  ) {}

  /**
   * Judged by the role the maker has now: their membership stands still until the key is there, so no key is made that
   * their removal does not find.
   * @throws AppError `input.invalid`, `key.somebody_else`, `key.beyond_yours`, `key.too_many`, `request.key_reused`,
   * `auth.no_team`
   */
  async create(ctx: CallContext, input: CreateKey): Promise<NewKey> {
    const { id: user, name: email } = ctx.principal;
    const fresh = uuidv7();
    const secret = this.secrets.secretOf(fresh, ctx.idempotency_key);
    const { id } = await this.database.inTeam(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        const role = await this.members.lockRole(tx, ctx.team, user);
        if (!role) throw noTeam();
        const powers = judgeKey(input, { id: user, email, role });
        if ((await this.keys.countOpen(tx, user)) >= MAX_OPEN) throw tooManyKeys(MAX_OPEN);
        const secret_hash = this.secrets.hashOf({ id: fresh, secret });
        const { usage_limit = null, expires_in_days } = input;
        await this.keys.insert(tx, {
          ...powers,
          id: fresh,
          team: ctx.team,
          user,
          secret_hash,
          usage_limit,
          days: expires_in_days ?? DAYS,
        });
        return { id: fresh };
      }),
    );
    const known = id === fresh ? secret : this.secrets.secretOf(id, ctx.idempotency_key);
    return { id, api_key: writeKey({ environment: this.env.SPECTRACE_ENV, id, secret: known }) };
  }

  /** What the caller can give a key. */
  choices({ roles }: CallContext): KeyChoices {
    const role = TEAM_ROLES.find((one) => roles.includes(one));
    return { items: role ? choicesOf(role) : [] };
  }

  list(caller: Caller, input: ListKeys): Promise<KeyPage> {
    const limit = input.limit ?? PAGE;
    return this.database.inTeam(caller, async (tx) => {
      const rows = await this.keys.list(tx, {
        user: whose(caller),
        after: input.cursor ?? undefined,
        limit: limit + 1,
      });
      const items = rows.slice(0, limit).map(viewOf);
      return { items, next_cursor: rows.length > limit ? items.at(-1)!.id : null };
    });
  }

  /** @throws AppError `key.not_found` */
  get(caller: Caller, id: string): Promise<KeyView> {
    return this.database.inTeam(caller, async (tx) => viewOf(await this.find(tx, caller, id)));
  }

  /** @throws AppError `key.not_found`, for one that was revoked before too */
  async revoke(caller: Caller, id: string): Promise<void> {
    const revoked = await this.database.inTeam(caller, (tx) => this.keys.revoke(tx, { user: whose(caller), id }));
    if (!revoked) throw keyNotFound();
  }

  private async find(tx: Tx, caller: Caller, id: string): Promise<KeyRow> {
    const [row] = await this.keys.list(tx, { user: whose(caller), id, limit: 1 });
    if (!row) throw keyNotFound();
    return row;
  }
}

/** Whose keys a caller sees: null, everybody's in the team. */
const whose = ({ permissions, grant }: Caller): string | null =>
  permissions.includes('key.manage') ? null : grant.user;
