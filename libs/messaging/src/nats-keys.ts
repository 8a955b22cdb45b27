import { NATS_IDENTITIES, natsAccounts, type NatsAccounts, type NatsIdentity } from '#contracts';
import { AppError, uuidv7 } from '#kernel';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSeed, type Nkey, nkeyOf } from './nkey.js';

/** One file an identity, so that a process can be given its own key and no other. */
const fileOf = (home: string, identity: NatsIdentity): string => join(home, 'nats-keys', `${identity}.nk`);

/** Whole and for its owner alone from the first moment; who comes second keeps what is there. */
const make = (file: string): void => {
  const draft = `${file}.${uuidv7()}`;
  writeFileSync(draft, newSeed(), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
};

/**
 * The identity's key in the data folder.
 * @throws AppError `nats.key_missing`
 */
export const natsKeyOf = (home: string, identity: NatsIdentity): Nkey => {
  const file = fileOf(home, identity);
  try {
    return nkeyOf(readFileSync(file, 'utf8').trim());
  } catch (cause) {
    throw new AppError(
      'nats.key_missing',
      `There is no NATS key of ${identity} in ${file}: make it with \`npm run -s nats-permissions\`, or bring it from where that was done; or give NATS_URL a user and a password.`,
      { cause },
    );
  }
};

/**
 * Who may connect to the NATS server of this installation, and what each may do there, for its configuration. Keys that
 * are missing are made; they stay in the data folder, readable by its owner alone, and only their public halves are told.
 */
export const natsAccountsOf = (home: string): NatsAccounts => {
  mkdirSync(join(home, 'nats-keys'), { recursive: true, mode: 0o700 });
  const publicKeys = NATS_IDENTITIES.map((identity) => {
    const file = fileOf(home, identity);
    if (!existsSync(file)) make(file);
    return [identity, natsKeyOf(home, identity).publicKey];
  });
  return natsAccounts(Object.fromEntries(publicKeys) as Record<NatsIdentity, string>);
};
