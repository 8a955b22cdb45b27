const WORDS = (there: string): Readonly<Record<string, string>> => ({
  'auth.no_team': 'You are a member of no team; ask an admin to add you.',
  'oidc.declined': `The sign-in was declined or broken off at ${there}.`,
  'oidc.email_unverified': `Your e-mail address has not been verified at ${there}.`,
  'oidc.nobody_here': 'Nobody here has your e-mail address; ask an admin to add you.',
  'oidc.other_account': 'Somebody here has your e-mail address and signs in by another account.',
  'oidc.unavailable': `${there} does not answer; try again.`,
});
const OTHERWISE = 'That sign-in did not succeed; begin again.';

/**
 * Why a sign-in elsewhere came back without one, by the query that it came back with; null: it did not.
 * @param provider what the provider is called
 */
export const signInRefusal = (search: string, provider = 'the provider'): string | null => {
  const code = new URLSearchParams(search).get('sign_in');
  if (code === null) return null;
  const words = WORDS(provider);
  return Object.hasOwn(words, code) ? words[code]! : OTHERWISE;
};
