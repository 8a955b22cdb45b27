import { expect, it } from '@jest/globals';
import { signInRefusal } from './sign-in-refusal.rules.js';

it.each([
  ['', null],
  ['?approval=x', null],
  ['?sign_in=oidc.email_unverified', 'Your e-mail address has not been verified at Keycloak.'],
  ['?sign_in=oidc.refused', 'That sign-in did not succeed; begin again.'],
  ['?sign_in=oidc.unavailable', 'Keycloak does not answer; try again.'],
  ['?sign_in=constructor', 'That sign-in did not succeed; begin again.'],
  ['?sign_in=<script>', 'That sign-in did not succeed; begin again.'],
])('%s says %s', (search, words) => {
  expect(signInRefusal(search, 'Keycloak')).toBe(words);
});
