import { describe, expect, it } from '@jest/globals';
import { TEAM_ROLES } from '#contracts';
import { PERMISSIONS } from '../auth/permission.rules.js';
import { actingIn, judgeRole, takesLastAdmin } from './member.rules.js';

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

describe('a role that is given', () => {
  const [session, key] = [{ key: null }, { key: {} }];
  it('by a key holds no more than the key may do', () => {
    for (const own of TEAM_ROLES) {
      for (const given of TEAM_ROLES) {
        const beyond = PERMISSIONS[given].some((permission) => !PERMISSIONS[own].includes(permission));
        const give = (): void => judgeRole(given, { permissions: PERMISSIONS[own], grant: key });
        if (beyond) expect(give).toThrow('cannot give it');
        else expect(give).not.toThrow();
      }
    }
    expect(() => judgeRole('viewer', { permissions: ['member.write'], grant: key })).toThrow('cannot give it');
  });

  it('by somebody signed in is a matter of their permission alone', () => {
    expect(() => judgeRole('admin', { permissions: PERMISSIONS.installation_admin, grant: session })).not.toThrow();
  });
});
