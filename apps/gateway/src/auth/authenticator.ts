import type { Principal, Role } from '#contracts';
import { Injectable } from '@nestjs/common';
import { teamNotFound } from '../member/member.errors.js';
import { actingIn } from '../member/member.rules.js';
import { UserRepository } from '../user/user.repository.js';
import { noTeam, permissionMissing, signInNeeded, tokenInvalid } from './auth.errors.js';
import { may, type Permission } from './permission.rules.js';
import { type TokenClaims, Tokens } from './token.js';

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i;

/** Who calls, in which team and in what roles, as the database has it now. */
export interface Caller {
  principal: Principal;
  team: string;
  roles: Role[];
  claims: TokenClaims;
}

@Injectable()
export class Authenticator {
  constructor(
    private readonly users: UserRepository,
    private readonly tokens: Tokens,
  ) {}

  /**
   * @param named the team the request names; absent: the one signed in to
   * @throws AppError `auth.required`, `auth.token_invalid`, `auth.token_expired`, `auth.no_team`, `team.not_found`
   */
  async authenticate(authorization: string | undefined, named?: string): Promise<Caller> {
    if (!authorization) throw signInNeeded();
    const [, token] = BEARER.exec(authorization) ?? [];
    if (!token) throw tokenInvalid();
    return this.now(await this.tokens.verify(token), named);
  }

  /** The caller behind claims that were verified before, as of now. */
  async now(claims: TokenClaims, named?: string): Promise<Caller> {
    const person = await this.users.find(claims.sub);
    if (!person) throw tokenInvalid();
    const acting = actingIn(person, { named, signedInTo: claims.team });
    if (!acting) throw named === undefined ? noTeam() : teamNotFound();
    return { principal: { kind: 'person', id: person.id, name: person.email }, ...acting, claims };
  }

  /** @throws AppError `auth.permission_missing` */
  permit(caller: Caller, permission: Permission): void {
    if (!may(caller.roles, permission)) throw permissionMissing(permission);
  }
}
