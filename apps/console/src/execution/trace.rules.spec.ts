import { describe, expect, it } from '@jest/globals';
import type { Action, Frame, Step } from '#client/browser';
import fc from 'fast-check';
import { filtersOf, isToPutBack, isWaiting, isWhole, newsOf, nextStop, overlaid, stopsOf } from './trace.rules.js';

const KEY = 'e/1/0';
const decided = (approval: string | null, decision = 'ask') =>
  ({ decision, approval, approvers: [], reasons: [], determining_policies: [] }) as unknown as Action['decided'];
const verified = (verdict: string, change_count = 0) =>
  ({ verdict, change_count, changes: [], deviations: [] }) as unknown as Action['verified'];
const undone = (outcome: string) => ({ outcome, restored: 0, problems: [] }) as unknown as Action['undone'];
const action = (facts: Partial<Action> = {}): Action => ({ key: KEY, ...facts });
const step = (actions: Action[] = [], more: Partial<Step> = {}): Step => ({ step: 1, actions, ...more });
const frame = (kind: string, facts: Partial<Action>): Pick<Frame, 'kind' | 'step'> => ({
  kind,
  step: step([action(facts)]),
});

describe('an overlay', () => {
  it('wins over a page wherever it says something, however late the page was read', () => {
    const page = step([action({ tool: 'file.read@v1', status: 'kept', undone: undone('kept') })], { thought: 'read' });
    const over = step([action({ status: 'undone', undone: undone('undone'), done: null })]);
    const shown = overlaid(page, over);
    expect(shown).toMatchObject({ thought: 'read' });
    expect(shown.actions).toEqual([{ key: KEY, tool: 'file.read@v1', status: 'undone', undone: undone('undone') }]);
  });

  it('adds actions in the order of their index and leaves its sources as they were', () => {
    const old = step([action({ key: 'e/1/2' }), action({ key: 'e/1/10' })]);
    const shown = overlaid(old, step([action({ key: 'e/1/9' })]));
    expect(shown.actions.map(({ key }) => key)).toEqual(['e/1/2', 'e/1/9', 'e/1/10']);
    expect(old.actions).toHaveLength(2);
  });

  it('is the same whether frames are laid over the page one by one or together', () => {
    const facts = fc.record(
      { status: fc.constantFrom('started', 'kept', 'undoing'), tool: fc.constantFrom('a', 'b', null) },
      { requiredKeys: [] },
    );
    const said = fc
      .record({ index: fc.nat(3), facts })
      .map(({ index, facts: has }) => step([{ key: `e/1/${index}`, ...has } as Action]));
    fc.assert(
      fc.property(said, fc.array(said, { maxLength: 6 }), (page, frames) => {
        const oneByOne = frames.reduce<Step>(overlaid, page);
        const together = overlaid(page, frames.reduce<Step>(overlaid, step()));
        expect(together).toEqual(oneByOne);
      }),
    );
  });

  it('about a step that was never read is no whole step', () => {
    expect(isWhole(overlaid(step(), step([action({ status: 'undoing' })])))).toBe(false);
    expect(isWhole(overlaid(step(), { ...step(), thought: '' }))).toBe(true);
  });
});

describe('the status after a frame', () => {
  it.each<[string, Partial<Action>, string | undefined]>([
    ['action.predicted', { predicted: null }, undefined],
    ['action.decided', { decided: decided(null, 'allow') }, 'authorised'],
    ['action.decided', { decided: decided(null, 'deny') }, 'denied'],
    ['action.decided', { decided: decided('pending') }, 'awaiting_approval'],
    ['action.approved', { decided: decided('approved') }, 'authorised'],
    ['action.approved', { decided: decided('rejected') }, 'denied'],
    ['action.approved', { decided: decided('expired') }, 'denied'],
    ['action.approved', { decided: decided('pending') }, 'skipped'],
    ['action.started', { status: 'started' }, 'started'],
    ['action.done', { done: null }, undefined],
    ['action.verified', { verified: verified('verified') }, undefined],
    ['action.verified', { verified: verified('deviated') }, 'undoing'],
    ['action.verified', { verified: verified('inconclusive') }, 'inconclusive'],
    ['action.undoing', {}, 'undoing'],
    ['action.undone', { undone: undone('kept') }, 'kept'],
    ['action.undone', { undone: undone('conflict') }, 'conflict'],
  ])('%s with %j is %s', (kind, facts, status) => {
    expect(newsOf(frame(kind, facts))!.actions[0]!.status).toBe(status);
  });

  it('is not asked of a frame that is about no step', () => {
    expect(newsOf({ kind: 'execution.finished' })).toBeNull();
  });
});

describe('what a step is found by', () => {
  const cases: [string, Partial<Action>, Partial<Step>, string[]][] = [
    ['nothing yet', { status: 'proposed' }, {}, []],
    ['kept without a change', { status: 'kept', verified: verified('verified') }, {}, []],
    ['kept with changes', { status: 'kept', verified: verified('verified', 2) }, {}, ['changed']],
    ['deviated and undone', { status: 'undone', verified: verified('deviated', 1) }, {}, ['deviated', 'changed']],
    ['waiting for a yes', { status: 'awaiting_approval' }, {}, ['waiting']],
    ['no longer waiting, its turn is over', { status: 'awaiting_approval' }, { observation: 'x' }, []],
    ['for a person to look at', { status: 'inconclusive', verified: verified('inconclusive') }, {}, ['waiting']],
    ['a tool that failed', { status: 'kept', done: { ok: false, failure: null, duration_ms: 1 } }, {}, ['failed']],
    ['denied', { status: 'denied' }, {}, ['failed']],
    ['left out', { status: 'skipped' }, {}, []],
    ['an undo that failed', { status: 'undo_failed' }, {}, ['failed']],
  ];
  it.each(cases)('%s', (_, facts, more, filters) => {
    expect(filtersOf(step([action(facts)], more))).toEqual(filters);
  });

  it.each<[Partial<Action>, boolean]>([
    [{ status: 'kept', verified: verified('verified', 1) }, true],
    [{ status: 'kept', verified: verified('verified', 0) }, false],
    [{ status: 'undone', verified: verified('deviated', 1) }, false],
    [{ status: 'conflict' }, true],
    [{ status: 'undo_failed' }, true],
    [{ status: 'started' }, false],
  ])('%j is to be put back by a rollback: %s', (facts, expected) => {
    expect(isToPutBack(action(facts))).toBe(expected);
  });
});

describe('stops', () => {
  const stops = [
    { step: 12, key: 'e/12/0' },
    { step: 3, key: 'e/3/10' },
    { step: 3, key: 'e/3/2' },
  ];
  it.each<[string, { step: number; key: string } | null, 1 | -1, string | null]>([
    ['the first', null, 1, 'e/3/2'],
    ['the last', null, -1, 'e/12/0'],
    ['within a step', stops[2]!, 1, 'e/3/10'],
    ['in a later step', stops[1]!, 1, 'e/12/0'],
    ['behind the last', stops[0]!, 1, null],
    ['back', stops[0]!, -1, 'e/3/10'],
    ['from where none is', { step: 5, key: 'e/5/0' }, -1, 'e/3/10'],
  ])('%s', (_, from, direction, key) => {
    expect(nextStop(stops, from, direction)?.key ?? null).toBe(key);
  });

  it('are the actions that somebody should look at', () => {
    const actions = [
      action({ key: 'e/1/0', status: 'kept', verified: verified('verified', 1) }),
      action({ key: 'e/1/1', status: 'undone', verified: verified('deviated', 1) }),
      action({ key: 'e/1/2', status: 'awaiting_approval' }),
    ];
    expect(stopsOf(step(actions)).map(({ key }) => key)).toEqual(['e/1/1', 'e/1/2']);
    expect(isWaiting(actions[2]!, { observation: null })).toBe(true);
  });
});
