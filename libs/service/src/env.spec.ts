import { expect, test } from '@jest/globals';
import { str } from 'envalid';
import { readEnv } from './env.js';

test('a setting with choices is refused with the values it may have', () => {
  const schema = { LEVEL: str({ choices: ['info', 'warn'], default: 'info', desc: 'how much is logged' }) };
  expect(readEnv({ LEVEL: 'warn' }, schema)).toEqual({ LEVEL: 'warn' });
  expect(() => readEnv({ LEVEL: 'loud' }, schema)).toThrow('LEVEL: how much is logged; one of info, warn');
});
