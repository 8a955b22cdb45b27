import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { governanceEnv } from './env.js';

describe('the settings', () => {
  it('lead to the shipped policies and a quarter of an hour', () => {
    const env = governanceEnv({});
    expect(existsSync(join(env.POLICIES_DIR, 'schema.cedarschema'))).toBe(true);
    expect(env.APPROVAL_TIMEOUT_SECONDS).toBe(900);
  });

  it('take a folder from where the process stands', () => {
    expect(governanceEnv({ POLICIES_DIR: 'house/policies' }).POLICIES_DIR).toBe(resolve('house/policies'));
  });

  it.each(['0', '-1', '1.5', '604801', 'soon', ''])('refuse a timeout of %j', (APPROVAL_TIMEOUT_SECONDS) => {
    expect(() => governanceEnv({ APPROVAL_TIMEOUT_SECONDS })).toThrow(/APPROVAL_TIMEOUT_SECONDS: whole seconds/);
  });
});
