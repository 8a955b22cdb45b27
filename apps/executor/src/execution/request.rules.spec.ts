import { describe, expect, it } from '@jest/globals';
import { changeOf } from './request.rules.js';

type Row = Parameters<typeof changeOf>[1];

const failure = { code: 'contract.deviated', message: 'a was created' };
const row: Row = {
  status: 'running',
  paused_reason: null,
  started_at: new Date(0),
  approval_id: null,
  final_answer: null,
  failure: null,
  ending: null,
};

describe('what a request writes', () => {
  it('of a run in progress is a mark; the run itself is moved by whoever drives it', () => {
    expect(changeOf('pause', row)).toEqual({
      kind: 'execution.pause_requested',
      status: 'running',
      patch: { pause_requested: true },
    });
    expect(changeOf('cancel', row).patch).toEqual({ cancel_requested: true });
    expect(changeOf('rollback', row).patch).toEqual({ rollback_requested: true });
  });

  it('to go on takes a pause back that has not begun, and moves a run that is paused', () => {
    expect(changeOf('resume', row)).toMatchObject({
      kind: 'execution.resumed',
      status: 'running',
      patch: { pause_requested: false, paused_reason: null },
    });
    expect(changeOf('resume', row).patch).not.toHaveProperty('status');
    const paused: Row = { ...row, status: 'paused', paused_reason: 'person' };
    expect(changeOf('resume', paused).patch).toEqual({
      status: 'running',
      paused_reason: null,
      pause_requested: false,
    });
    expect(changeOf('resume', { ...paused, approval_id: 'a' })).toMatchObject({
      status: 'paused',
      paused_reason: 'approval',
    });
    expect(changeOf('resume', { ...paused, started_at: null }).patch.status).toBe('queued');
  });

  it.each<[string, Partial<Row>, Row['failure']]>([
    ['that succeeded has no failure to keep', { status: 'succeeded' }, null],
    ['whose driver gave up keeps why', { status: 'failed', failure, ending: { stop: failure } }, failure],
    ['that failed by its actions keeps why', { status: 'failed', failure, ending: { stop: null } }, failure],
    ['that was cancelled failed at nothing', { status: 'cancelled', failure, ending: { stop: null } }, null],
    ['whose undo failed keeps what came before that', { status: 'rollback_failed', failure, ending: null }, null],
  ])('to roll back a run %s', (_, given, stop) => {
    expect(changeOf('rollback', { ...row, final_answer: 'done', ...given })).toEqual({
      kind: 'execution.rollback_requested',
      status: 'verifying',
      patch: {
        status: 'verifying',
        rollback_requested: true,
        cancel_requested: false,
        ending: { answer: 'done', stop, rollback: true, cancelled: false, reopened: true },
      },
    });
  });
});
