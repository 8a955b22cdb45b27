import { describe, expect, it } from '@jest/globals';
import { draftOf, editObstacle, hasHidden, readDraft } from './edit.rules.js';

const given = { path: 'a', argv: ['x', { deep: [1, null] }] };

describe('what a reviewer wrote', () => {
  it.each([
    ['what is there', draftOf(given), { kind: 'same' }],
    ['the same in another order', '{"argv":["x",{"deep":[1,null]}],"path":"a"}', { kind: 'same' }],
    ['another value', '{"path":"b"}', { kind: 'edited', arguments: { path: 'b' } }],
    ['another order of items', '{"path":"a","argv":[{"deep":[1,null]},"x"]}', { kind: 'edited' }],
    ['nothing', '', { kind: 'invalid' }],
    ['half of it', '{"path":', { kind: 'invalid' }],
    ['a list', '[]', { kind: 'invalid', message: 'The arguments are an object: { … }.' }],
    ['a text', '"path"', { kind: 'invalid' }],
    ['null', 'null', { kind: 'invalid' }],
  ])('%s', (_name, text, expected) => {
    expect(readDraft(text, given)).toMatchObject(expected);
  });
});

it.each([
  [{ to: 'mail [redacted:email]' }, true],
  [{ list: [1, '… (60 items)'] }, true],
  [{ text: 'xx… (5000 characters)' }, true],
  [{ text: 'plain … (text)' }, false],
])('%j has something hidden: %s', (args, expected) => {
  expect(hasHidden(args)).toBe(expected);
});

it('is for whoever may answer, and for actions alone', () => {
  expect(editObstacle({ step: 1, can_decide: true, runs_elsewhere: false })).toBeNull();
  expect(editObstacle({ step: 1, can_decide: false, runs_elsewhere: false })).toContain('may answer');
  expect(editObstacle({ step: 0, can_decide: true, runs_elsewhere: false })).toContain('run');
  expect(editObstacle({ step: 1, can_decide: true, runs_elsewhere: true })).toContain('would not be told');
});
