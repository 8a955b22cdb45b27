import { describe, expect, it } from '@jest/globals';
import { actingIn, takesLastAdmin } from './member.rules.js';

const home = '0190a000-0000-7000-8000-000000000001';
const other = '0190a000-0000-7000-8000-000000000002';
const foreign = '0190a000-0000-7000-8000-000000000003';

describe('the team a person acts in', () => {
  const person = {
    installation_admin: false,
    places: [
      { team: home, role: 'viewer' as const },
      { team: other, role: 'admin' as const },
    ],
  };

  it('is the one they signed in to', () => {
    expect(actingIn(person, { signedInTo: home })).toEqual({ team: home, roles: ['viewer'] });
  });

  it('is the named one, in the role they have there', () => {
    expect(actingIn(person, { named: other, signedInTo: home })).toEqual({ team: other, roles: ['admin'] });
  });

  it.each([
    ['named', { named: foreign, signedInTo: home }],
    ['signed in to before they were removed', { signedInTo: foreign }],
  ])('is none when they are not in the one %s', (_name, wish) => {
    expect(actingIn(person, wish)).toBeNull();
  });

  it('is any for an installation admin, without a role in it', () => {
    const admin = { ...person, installation_admin: true };
    expect(actingIn(admin, { named: foreign, signedInTo: home })).toEqual({
      team: foreign,
      roles: ['installation_admin'],
    });
    expect(actingIn(admin, { signedInTo: home })).toEqual({ team: home, roles: ['viewer', 'installation_admin'] });
  });
});

describe('the last admin', () => {
  it.each([
    ['removed', { from: 'admin', to: null, admins: 1 }, true],
    ['made an operator', { from: 'admin', to: 'operator', admins: 1 }, true],
    ['left an admin', { from: 'admin', to: 'admin', admins: 1 }, false],
    ['removed beside another', { from: 'admin', to: null, admins: 2 }, false],
    ['not meant: a viewer goes', { from: 'viewer', to: null, admins: 1 }, false],
  ] as const)('%s', (_name, change, refused) => {
    expect(takesLastAdmin(change)).toBe(refused);
  });
});
