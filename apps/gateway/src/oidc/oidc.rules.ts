import { emailUnverified, nobodyHere, otherAccount } from './oidc.errors.js';

/** What the provider says of somebody. */
export interface Claims {
  /** Theirs for ever at this provider. */
  subject: string;
  email?: string;
  email_verified?: unknown;
}

/** Who is known here: by their account at the provider, and by their address. */
export interface Known {
  /** User id of whom this account is; null: it has not signed in before. */
  byAccount: string | null;
  /** Who has the address, and whether another account of the provider signs in as them. */
  byEmail: { id: string; linked: boolean } | null;
}

export type Entry =
  | { kind: 'known'; user: string }
  /** From now on the account signs in as this person. */
  | { kind: 'link'; user: string }
  /** A new person of the team that the installation names. */
  | { kind: 'join'; email: string };

const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1);

/**
 * As whom somebody comes in. An account, once known, stays the same person whatever its address; a new one is told by a
 * verified address alone.
 * @param domains whose people may join by themselves, in lower case
 * @throws AppError `oidc.email_unverified`, `oidc.nobody_here`, `oidc.other_account`
 */
export const judgeEntry = (claims: Claims, known: Known, domains: readonly string[]): Entry => {
  if (known.byAccount !== null) return { kind: 'known', user: known.byAccount };
  const email = claims.email?.toLowerCase();
  if (email === undefined || claims.email_verified !== true) throw emailUnverified();
  if (known.byEmail?.linked) throw otherAccount();
  if (known.byEmail) return { kind: 'link', user: known.byEmail.id };
  if (!domains.includes(domainOf(email))) throw nobodyHere();
  return { kind: 'join', email };
};
