import { expect, it } from '@jest/globals';
import { bypassOf, bypassProblems, bypassSubject, type BypassValues, DEFAULT_BYPASS } from './bypass.rules.js';

const values: BypassValues = { ...DEFAULT_BYPASS, agent_id: ' tidy ', tool: 'file.delete@v1 ', reason: ' nightly ' };

it.each<[string, Partial<BypassValues>, string[]]>([
  ['all of it', {}, []],
  ['no agent', { agent_id: ' ' }, ['agent_id']],
  ['a tool without its version', { tool: 'file.delete' }, []],
  ['every tool', { tool: '*' }, ['tool']],
  ['half a use', { uses: 1.5 }, ['uses']],
  ['an empty number', { uses: '' }, ['uses']],
  ['no reason', { reason: ' ' }, ['reason']],
])('%s', (_name, changed, fields) => {
  expect(Object.keys(bypassProblems({ ...values, ...changed }))).toEqual(fields);
});

it('is sent trimmed, in minutes and whole uses', () => {
  expect(bypassOf(values)).toEqual({
    agent_id: 'tidy',
    tool: 'file.delete@v1',
    minutes: 60,
    uses: 20,
    reason: 'nightly',
  });
});

it.each([
  [{ agent_version: `sha256:${'ab'.repeat(32)}`, held: true }, 'sha256:abababababab…, held'],
  [{ agent_version: 'external', held: false }, 'external, not held, asked by ada alone'],
  [{ agent_version: null, held: null }, null],
])('says whom it covers: %j', (bypass, said) => {
  expect(bypassSubject({ ...bypass, requested_by: { kind: 'person', id: '1', name: 'ada' } })).toBe(said);
});
