import { describe, expect, it } from '@jest/globals';
import type { Frame } from '#client/browser';
import { emptyChronicle, eventWords, momentsOf, note } from './chronicle.rules.js';

let seq = 0;
const frame = (kind: string, more: object = {}): Frame => {
  seq += 1;
  const type = kind.startsWith('execution.') ? 'status_update' : 'step_update';
  return {
    type,
    execution_id: 'e',
    seq,
    at: `2026-01-01T00:00:${String(seq).padStart(2, '0')}.000Z`,
    kind,
    ...more,
  } as Frame;
};
const step = (number: number, keys: string[] = []) => ({
  step: { step: number, actions: keys.map((key) => ({ key })) },
});
const analysis = (risk_score: number, findings: object[] = []) => ({
  type: 'risk_update',
  risk: { risk_score, deception_probability: 0 },
  findings,
});
const finding = { code: 'a.b', severity: 'high', sentence: 'Look.' };

const read = (...frames: Frame[]) => {
  const chronicle = emptyChronicle();
  const reading = { finished: null };
  frames.forEach((one) => note(chronicle, reading, one));
  return chronicle;
};

describe('a chronicle', () => {
  it('gives an analysis to the step that ended just before it, and one of an answer to none', () => {
    const { risks, findings, closing } = read(
      frame('step.finished', step(3)),
      frame('step.analyzed', analysis(0.4, [finding])),
      frame('step.analyzed', analysis(0.5, [{ ...finding, code: 'answer' }])),
    );
    expect([...risks]).toEqual([[3, { risk_score: 0.4, deception_probability: 0 }]]);
    expect([...findings]).toEqual([[3, [finding]]]);
    expect(closing).toMatchObject([{ code: 'answer' }]);
  });

  it('keeps what the run became, with who asked and why', () => {
    const { events: bySeq } = read(
      frame('execution.predicted', { type: 'risk_update', risk: { risk_score: 0.2, deception_probability: 0 } }),
      frame('execution.pause_requested', { status: 'running', by: { name: 'kim' }, reason: 'lunch' }),
      frame('action.started', step(1, ['e/1/0'])),
      frame('execution.finished', { type: 'completion', status: 'failed', failure: { code: 'x.y', message: 'No.' } }),
    );
    const events = [...bySeq.values()];
    expect(events.map(({ kind }) => kind)).toEqual([
      'execution.predicted',
      'execution.pause_requested',
      'execution.finished',
    ]);
    expect(events.map(eventWords)).toEqual(['predicted', 'pause asked for by kim', 'ended']);
    expect(events[1]).toMatchObject({ reason: 'lunch' });
    expect(events[2]).toMatchObject({ failure: { code: 'x.y' } });
  });

  it('keeps when each thing happened to an action; an undo by rollback is the last word', () => {
    const frames = [
      frame('step.proposed', step(1, ['e/1/0'])),
      frame('action.started', step(1, ['e/1/0'])),
      frame('action.undone', step(1, ['e/1/0'])),
      frame('action.undone', step(1, ['e/1/0'])),
    ];
    const moments = momentsOf(read(...frames).times.get('e/1/0'));
    expect(moments.map(({ word }) => word)).toEqual(['proposed', 'started', 'kept or undone']);
    expect(moments.at(-1)!.at).toBe(frames[3]!.at);
  });

  it('says the same whether the beginning is read before or after the end', () => {
    const [first, second] = [frame('action.undone', step(1, ['e/1/0'])), frame('action.undone', step(1, ['e/1/0']))];
    expect(read(second!, first!).times).toEqual(read(first!, second!).times);
  });

  it('knows no moments of an action it has not read about', () => {
    expect(momentsOf(undefined)).toEqual([]);
  });
});
