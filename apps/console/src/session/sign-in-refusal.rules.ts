const WORDS: Readonly<Record<string, string>> = {
  'auth.no_team': 'You are a member of no team; ask an admin to add you.',
  'oidc.declined': 'The sign-in was declined or broken off there.',
  'oidc.email_unverified': 'Your e-mail address has not been verified there.',
  'oidc.nobody_here': 'Nobody here has your e-mail address; ask an admin to add you.',
  'oidc.other_account': 'Somebody here has your e-mail address and signs in by another account.',
  'oidc.unavailable': 'The provider does not answer; try again.',
};
const OTHERWISE = 'That sign-in did not succeed; begin again.';

/** Why a sign-in elsewhere came back without one, by the query that it came back with; null: it did not. */
export const signInRefusal = (search: string): string | null => {
  const code = new URLSearchParams(search).get('sign_in');
  return code === null ? null : (WORDS[code] ?? OTHERWISE);
};
