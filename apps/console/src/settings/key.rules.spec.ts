import { describe, expect, it } from '@jest/globals';
import type { ApiKeyChoice } from '#client/browser';
import { fitting, type KeyDraft, problemsOf, requestOf, rolesOf, scopesOf, usesWords } from './key.rules.js';

const draft = (more: Partial<KeyDraft> = {}): KeyDraft => ({
  type: 'agent',
  name: 'tidy-bot',
  role: 'operator',
  scopes: [],
  expires_in_days: 90,
  usage_limit: '',
  ...more,
});

describe('a draft of a key', () => {
  it('is sent without what was left empty', () => {
    expect(requestOf(draft({ name: ' tidy-bot ' }))).toEqual({
      type: 'agent',
      name: 'tidy-bot',
      role: 'operator',
      expires_in_days: 90,
    });
    const whole = draft({ type: 'person', name: '', scopes: ['execution.read'], expires_in_days: '', usage_limit: 5 });
    expect(requestOf(whole)).toEqual({ type: 'person', role: 'operator', scopes: ['execution.read'], usage_limit: 5 });
  });

  it('of a machine needs a name, of a person none', () => {
    expect(problemsOf(draft({ name: ' ' }))).toHaveProperty('name');
    expect(problemsOf(draft({ type: 'person', name: '' }))).toEqual({});
  });
});

describe('what can be given to a key', () => {
  const choices: ApiKeyChoice[] = [
    { type: 'agent', roles: [{ role: 'viewer', permissions: ['execution.read'] }] },
    {
      type: 'service',
      roles: [
        { role: 'viewer', permissions: ['execution.read', 'key.own'] },
        { role: 'admin', permissions: ['execution.read', 'key.own', 'member.write'] },
      ],
    },
  ];

  it('is what its type and its role hold', () => {
    expect(rolesOf(choices, 'agent')).toEqual(['viewer']);
    expect(rolesOf(choices, 'person')).toEqual([]);
    expect(scopesOf(choices, { type: 'service', role: 'admin' })).toContain('member.write');
    expect(scopesOf(choices, { type: 'agent', role: 'admin' })).toEqual([]);
  });

  it('is all that a draft keeps when its type or role is another one', () => {
    const whole = draft({ type: 'service', role: 'admin', scopes: ['execution.read', 'member.write'] });
    expect(fitting(choices, whole)).toEqual(whole);
    expect(fitting(choices, { ...whole, role: 'viewer' })).toMatchObject({ scopes: ['execution.read'] });
    expect(fitting(choices, { ...whole, type: 'agent' })).toMatchObject({ role: 'viewer', scopes: ['execution.read'] });
    expect(fitting([], whole)).toMatchObject({ role: 'admin', scopes: [] });
  });
});

it('uses are told with their limit, where there is one', () => {
  expect(usesWords({ uses: 3, usage_limit: null })).toBe('3');
  expect(usesWords({ uses: 3, usage_limit: 10 })).toBe('3 of 10');
});
