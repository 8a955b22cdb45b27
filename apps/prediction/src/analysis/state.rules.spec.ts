import { describe, expect, it } from '@jest/globals';
import { analyzeStep } from './analysis.rules.js';
import { MAX_STATE_BYTES, readState } from './state.rules.js';

const specs = { specs: [] };
const { state } = analyzeStep(
  null,
  {
    step: 1,
    thought: 'delete it',
    actions: [
      { tool: 'file.delete', arguments: { path: 'a' }, ok: false, error: { code: 'tool.failed', message: 'no' } },
    ],
  },
  { task_description: 'tidy 4711', specs },
);
const returned = JSON.parse(JSON.stringify(state)) as Record<string, unknown>;

describe('a state that comes back', () => {
  it('is taken as it was returned', () => expect(readState(returned)).toEqual(state));
  it('is none before the first step', () => expect([readState(null), readState(undefined)]).toEqual([null, null]));

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['of another version', { ...returned, v: 2 }, /"v"/],
    ['without a part', { ...returned, seen: undefined }, /"seen"/],
    ['with seen things of another kind', { ...returned, seen: { kind: 'bloom' } }, /"seen"/],
    ['with scores that are no pairs', { ...returned, risk: { a: [1] } }, /"risk"/],
    ['with a last result that lacks fields', { ...returned, last: { step: 1 } }, /"last"/],
    ['above the limit', { ...returned, called: 'é'.repeat(MAX_STATE_BYTES / 2) }, /above 16384 bytes/],
  ])('is refused when it is one %s', (_case, wrong, message) => {
    const problem = { path: '/state', message: expect.stringMatching(message) };
    expect(() => readState(wrong)).toThrow(
      expect.objectContaining({ code: 'analysis.state_invalid', details: { errors: [problem] } }),
    );
  });
});
