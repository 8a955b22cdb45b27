import { describe, expect, it } from '@jest/globals';
import { type KeyDraft, problemsOf, requestOf, usesWords } from './key.rules.js';

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

it('uses are told with their limit, where there is one', () => {
  expect(usesWords({ uses: 3, usage_limit: null })).toBe('3');
  expect(usesWords({ uses: 3, usage_limit: 10 })).toBe('3 of 10');
});
