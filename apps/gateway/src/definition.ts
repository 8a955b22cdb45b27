import type { ServiceDefinition } from '#service';
import type { INestApplicationContext } from '@nestjs/common';
import { Identity1763600001000 } from '../migrations/0001-identity.js';
import { Sessions1763600002000 } from '../migrations/0002-sessions.js';
import { Keys1763600003000 } from '../migrations/0003-keys.js';
import { OidcAccounts1763600004000 } from '../migrations/0004-oidc-accounts.js';
import { FormerMembersKeys1763600005000 } from '../migrations/0005-keys-of-former-members.js';
import { IssuedPasswords1763600006000 } from '../migrations/0006-issued-passwords.js';
import { FirstAdmin, type FirstAdminLogin } from './auth/first-admin.js';
import { type Env, gatewayEnv } from './env.js';
import { GatewayModule } from './gateway.module.js';
import { createApp } from './http/create-app.js';
import { UserRepository } from './user/user.repository.js';

export const gateway: ServiceDefinition<Env> = {
  name: 'gateway',
  module: GatewayModule,
  entities: [],
  migrations: [
    Identity1763600001000,
    Sessions1763600002000,
    Keys1763600003000,
    OidcAccounts1763600004000,
    FormerMembersKeys1763600005000,
    IssuedPasswords1763600006000,
  ],
  env: gatewayEnv,
  create: createApp,
};

/**
 * Makes the first admin when there is no user yet, and returns their login, to be shown once and never logged; null
 * when there is somebody. Absent values are chosen.
 * @throws AppError `settings.invalid`
 */
export const ensureFirstAdmin = (
  app: INestApplicationContext,
  given: { email?: string; password?: string } = {},
): Promise<FirstAdminLogin | null> => app.get(FirstAdmin, { strict: false }).ensure(given);

/** The team of the first admin; null before there is one. */
export const defaultTeam = (app: INestApplicationContext): Promise<string | null> =>
  app.get(UserRepository, { strict: false }).oldestTeam();
