/** What was typed cannot be right. */
export class InvalidUse extends Error {
  override readonly name = 'InvalidUse';
  readonly code = 'use.invalid';
}

/** Nobody is signed in at that address. */
export class SignInNeeded extends Error {
  override readonly name = 'SignInNeeded';
  readonly code = 'auth.required';
}
