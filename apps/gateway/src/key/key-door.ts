import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../env.js';
import type { Person } from '../user/user.repository.js';
import { KeySecrets } from './key-secrets.js';
import { readKey } from './key-text.js';
import { KeyUsage } from './key-usage.js';
import { keyExpired, keyInvalid, keyRevoked, keyUsedUp } from './key.errors.js';
import { type KnownKey, KeyRepository } from './key.repository.js';

export interface PersonWithKey {
  /** Who is behind it. */
  person: Person;
  key: KnownKey;
}

/** Whose an API key is, as the database has it now: nothing is remembered, so a revoked key is out at once. */
@Injectable()
export class KeyDoor {
  constructor(
    private readonly keys: KeyRepository,
    private readonly secrets: KeySecrets,
    private readonly usage: KeyUsage,
    @Inject(ENV) private readonly env: Pick<Env, 'SPECTRACE_ENV'>,
  ) {}

  /** @throws AppError `auth.key_invalid`, and for its owner `auth.key_revoked`, `auth.key_expired` */
  async byText(text: string): Promise<PersonWithKey> {
    const given = readKey(text);
    if (given?.environment !== this.env.SPECTRACE_ENV) throw keyInvalid();
    const known = await this.keys.known(given.id);
    if (!known || !this.secrets.matches(given, known.key.secret_hash)) throw keyInvalid();
    return open(known);
  }

  /** A key that was let in before. @throws AppError `auth.key_invalid`, `auth.key_revoked`, `auth.key_expired` */
  async byId(id: string): Promise<PersonWithKey> {
    const known = await this.keys.known(id);
    if (!known) throw keyInvalid();
    return open(known);
  }

  /** Counts one use. @throws AppError `auth.key_used_up` */
  async use(key: Pick<KnownKey, 'id' | 'team' | 'usage_limit'>): Promise<void> {
    if (!(await this.usage.take(key))) throw keyUsedUp();
  }
}

const open = (known: PersonWithKey): PersonWithKey => {
  if (known.key.revoked) throw keyRevoked();
  if (known.key.expired) throw keyExpired();
  return known;
};
