import { describe, expect, it } from '@jest/globals';
import type { Frame, Step } from '#client/browser';
import { TraceStore } from './trace-store.js';

const step = (number: number, more: object = {}): Step => ({
  step: number,
  thought: `step ${number}`,
  actions: [{ key: `e/${number}/0`, tool: 'file.delete@v1', ...more }],
});
const kept = { status: 'kept', verified: { verdict: 'verified', change_count: 2 }, undone: { outcome: 'kept' } };

const open = (seq = 10) => {
  const waiting: (() => void)[] = [];
  const store = new TraceStore(seq, (work) => waiting.push(work));
  let next = seq;
  const hear = (kind: string, more: object = {}): void => {
    next += 1;
    store.hear({
      type: 'step_update',
      execution_id: 'e',
      seq: next,
      at: '2026-01-01T00:00:00.000Z',
      kind,
      ...more,
    } as Frame);
  };
  const about = (number: number, facts: object) => ({
    step: { step: number, actions: [{ key: `e/${number}/0`, ...facts }] },
  });
  return { store, waiting, hear, about, flush: () => waiting.splice(0).forEach((work) => work()) };
};

describe('the trace in memory', () => {
  it('shows what frames said over a page that was read later and is older', () => {
    const { store, hear, about } = open();
    hear('action.undone', about(3, { undone: { outcome: 'undone' } }));
    expect(store.step(3)).toBeUndefined();
    store.put([step(3, kept)]);
    expect(store.step(3)!.actions[0]).toMatchObject({ status: 'undone', undone: { outcome: 'undone' } });
    expect(store.count).toBe(3);
  });

  it('goes on after a completion: a rollback follows in the same sequence', () => {
    const { store, hear, about } = open();
    store.put([step(1, kept)]);
    expect(store.undoable).toEqual({ changes: 2, actions: 1, unread: 0 });
    hear('execution.finished', { type: 'completion', status: 'failed' });
    expect(store.head).toMatchObject({ status: 'failed', seq: 11 });
    hear('execution.rollback_requested', { type: 'status_update', status: 'verifying' });
    hear('action.undone', about(1, { undone: { outcome: 'undone' } }));
    hear('execution.finished', { type: 'completion', status: 'rolled_back' });
    expect(store.head).toMatchObject({ status: 'rolled_back', seq: 14 });
    expect(store.seq).toBe(14);
    expect(store.step(1)!.actions[0]).toMatchObject({ status: 'undone' });
    expect(store.undoable).toEqual({ changes: 0, actions: 0, unread: 0 });
  });

  it('keeps the status over frames that say nothing of it, and drops the reason of a pause that is over', () => {
    const { store, hear, about } = open();
    hear('execution.paused', { status: 'paused', paused_reason: 'approval' });
    hear('action.approved', about(1, {}));
    expect(store.head).toMatchObject({ status: 'paused', paused_reason: 'approval' });
    hear('execution.resumed', { status: 'running' });
    expect(store.head).toMatchObject({ status: 'running', paused_reason: null });
  });

  it('tells of a thousand frames once', () => {
    const { store, hear, about, waiting, flush } = open();
    let heard = 0;
    store.subscribe(() => (heard += 1));
    for (let n = 1; n <= 1_000; n += 1) hear('step.proposed', { step: step(n) });
    expect(waiting).toHaveLength(1);
    flush();
    expect([heard, store.known]).toEqual([1, 1_000]);
    hear('action.started', about(1_000, { status: 'started' }));
    flush();
    expect(heard).toBe(2);
  });

  it('leaves steps alone that nothing new is known of', () => {
    const { store, hear, about } = open();
    store.put([step(1), step(2)]);
    const first = store.step(1);
    hear('action.started', about(2, { status: 'started' }));
    expect(store.step(1)).toBe(first);
    expect(store.step(2)!.actions[0]).toMatchObject({ status: 'started' });
  });

  it('counts what filters find as it changes', () => {
    const { store, hear, about } = open();
    store.put([step(1, { status: 'awaiting_approval' }), step(2, kept)]);
    expect([store.countOf('waiting'), store.countOf('changed'), store.found('changed')]).toEqual([1, 1, [2]]);
    expect(store.stops()).toEqual([{ step: 1, key: 'e/1/0' }]);
    hear('action.approved', about(1, { decided: { decision: 'ask', approval: 'approved' } }));
    expect([store.countOf('waiting'), store.found('waiting'), store.stops()]).toEqual([0, [], []]);
  });

  it('says how many steps have not been read', () => {
    const { store } = open();
    store.reaches(20_000);
    store.put([step(1, kept)]);
    expect(store.undoable).toEqual({ changes: 2, actions: 1, unread: 19_999 });
    store.reaches(5);
    expect(store.count).toBe(20_000);
  });
});
