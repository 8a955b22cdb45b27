import { describe, expect, it } from '@jest/globals';
import { executor, facts, ownerOf } from '#contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aboutAction } from './journal.entry.js';
import { FACT_OF, FRAME_OF, frameOf, type JournalKind, type JournalRow } from './journal.kinds.js';

const kinds = Object.keys(FRAME_OF) as JournalKind[];
const row = (kind: JournalKind, body: object): JournalRow => ({
  execution_id: 'e',
  seq: 3,
  at: new Date('2026-01-02T03:04:05.678Z'),
  kind,
  body: body as never,
});

describe('every kind of journal row', () => {
  it('is written somewhere in the engine', () => {
    const files = [
      'action/action.effect',
      'action/action.runner',
      'action/action.undo',
      'execution/admission.runner',
      'execution/execution.finisher',
    ];
    const more = [
      'execution/execution.runner',
      'execution/request.rules',
      'execution/run',
      'execution/submission.service',
      'step/step.runner',
    ];
    const code = [...files, ...more, 'step/step.analyser']
      .map((file) => readFileSync(join(import.meta.dirname, '..', `${file}.ts`), 'utf8'))
      .join('\n');
    expect(kinds.filter((kind) => !code.includes(`'${kind}'`))).toEqual([]);
  });

  it.each(kinds)('%s is one frame of a known type', (kind) => {
    expect(executor.FRAME_TYPES).toContain(frameOf(row(kind, {})).type);
  });

  it('that other services hear of names the fact; of the executor’s facts but one is no row: decisions, told by the batch', () => {
    const own = facts.filter((fact) => ownerOf(fact) === 'executor' && fact !== executor.actionDecided);
    expect(new Set(Object.values(FACT_OF))).toEqual(new Set(own));
  });

  it('ends with one completion, of the run', () => {
    expect(kinds.filter((kind) => FRAME_OF[kind] === 'completion')).toEqual(['execution.finished']);
  });
});

describe('a frame', () => {
  it('carries what the row added beside where it stands', () => {
    expect(frameOf(row('execution.paused', { status: 'paused', paused_reason: 'approval' }))).toEqual({
      type: 'status_update',
      execution_id: 'e',
      seq: 3,
      at: '2026-01-02T03:04:05.678Z',
      kind: 'execution.paused',
      status: 'paused',
      paused_reason: 'approval',
    });
  });

  it('about an action names its step and nothing else of it', () => {
    const { kind, body } = aboutAction('action.started', { step: 2 }, { key: 'e/2/0', status: 'started' });
    expect(frameOf(row(kind, body))).toMatchObject({
      type: 'step_update',
      kind: 'action.started',
      step: { step: 2, actions: [{ key: 'e/2/0', status: 'started' }] },
    });
  });
});
