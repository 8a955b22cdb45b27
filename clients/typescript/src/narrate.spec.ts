import { describe, expect, it } from '@jest/globals';
import { narrate, type NarratedFrame, Narrator, plainText } from './narrate.js';

type Action = NonNullable<NarratedFrame['step']>['actions'][number];

const about = (action: Action, kind = 'action.done'): NarratedFrame => ({
  type: 'step_update',
  kind,
  step: { step: 2, actions: [action] },
});
const proposed = (...actions: Action[]): NarratedFrame => ({
  type: 'step_update',
  kind: 'step.proposed',
  step: { step: 2, thought: 'Delete the caches', actions },
});
const decided = { decision: 'allow', determining_policies: ['read-files'], reasons: [], approvers: [] };
const digest = (of: string): string => `sha256:${of.repeat(64)}`;

describe('one fact of an action', () => {
  it.each<[string, Action, string]>([
    [
      'a prediction',
      { predicted: { risk: 0.234, findings: [{ sentence: 'Deletes much.' }], expected: ['deleted a/**'] } },
      'predicted risk 0.23; may change: deleted a/**; Deletes much.',
    ],
    [
      'no prediction',
      { predicted: { risk: null, findings: [], expected: [] } },
      'predicted no prediction; may change nothing',
    ],
    ['allowed', { decided }, 'decided   allow by read-files'],
    [
      'denied by nobody in particular',
      { decided: { ...decided, decision: 'deny', determining_policies: [] } },
      'decided   deny by nobody',
    ],
    [
      'asked of two people',
      {
        decided: {
          ...decided,
          approval: 'pending',
          tier_needed: 3,
          expires_at: '2026-11-20T10:22:07.674Z',
          reasons: ['Protected.'],
        },
      },
      'decided   ask: two approvers by 2026-11-20 10:22 UTC; Protected.',
    ],
    [
      'approved',
      { decided: { ...decided, approval: 'approved', approvers: ['ann', 'bob'] } },
      'decided   approved by ann, bob',
    ],
    ['expired', { decided: { ...decided, approval: 'expired' } }, 'decided   expired'],
    ['a list', { done: { ok: true, output: { entries: [1] }, duration_ms: 3 } }, 'done      ok in 3 ms, 1 entry'],
    [
      'a command',
      { done: { ok: true, output: { exit_code: 0 }, duration_ms: 3 } },
      'done      ok in 3 ms, exit code 0',
    ],
    [
      'a failure',
      { done: { ok: false, failure: { code: 'file.missing', message: 'It is gone.' }, duration_ms: 1 } },
      'done      failed: It is gone.',
    ],
    [
      'no change',
      { verified: { verdict: 'verified', change_count: 0, deviations: [] } },
      'verified  0 changes, as it should be',
    ],
    [
      'one change',
      { verified: { verdict: 'verified', change_count: 1, deviations: [] } },
      'verified  1 change, all of them expected',
    ],
    [
      'a deviation',
      { verified: { verdict: 'deviated', change_count: 2, deviations: [{ reason: 'b was modified.' }] } },
      'verified  DEVIATED: b was modified.',
    ],
    ['kept', { undone: { outcome: 'kept', restored: 0, problems: [] } }, 'undone    kept'],
    [
      'undone',
      { undone: { outcome: 'undone', restored: 3, before: digest('a'), after: digest('a'), problems: [] } },
      'undone    undone, 3 paths put back; digest sha256:aaaaaaaa… equals the one before',
    ],
    [
      'undone to something else',
      { undone: { outcome: 'undone', restored: 1, before: digest('a'), after: digest('b'), problems: [] } },
      'undone    undone, 1 path put back; digest sha256:bbbbbbbb… DIFFERS FROM the one before',
    ],
    [
      'not undone',
      { undone: { outcome: 'conflict', restored: 0, problems: [{ path: 'a', reason: 'changed since.' }] } },
      'undone    conflict: a changed since.',
    ],
  ])('%s', (_name, action, line) => {
    expect(narrate(about(action))).toEqual([`      ${line}`]);
  });
});

describe('one frame', () => {
  it.each<[string, NarratedFrame, string[]]>([
    ['an end', { type: 'completion', kind: 'execution.finished', status: 'succeeded' }, ['  ended: succeeded']],
    [
      'a bad end',
      { type: 'completion', kind: 'execution.finished', status: 'failed', failure: { code: 'a.b', message: 'No.' } },
      ['  ended: failed (a.b) No.'],
    ],
    [
      'a pause',
      { type: 'status_update', kind: 'execution.paused', paused_reason: 'approval' },
      ['  paused: waits for approval'],
    ],
    ['a start', { type: 'status_update', kind: 'execution.started', status: 'running' }, []],
    [
      'a prediction',
      { type: 'risk_update', kind: 'execution.predicted', risk: { risk_score: 0.5, deception_probability: 0 } },
      ['  predicted risk 0.50'],
    ],
    [
      'findings, the low ones left out',
      {
        type: 'risk_update',
        kind: 'step.analyzed',
        findings: [
          { severity: 'low', sentence: 'Meh.' },
          { severity: 'high', sentence: 'Oh.' },
        ],
      },
      ['      finding   Oh.'],
    ],
    ['a step without actions', proposed(), ['  step 2: Delete the caches', '    nothing to do']],
  ])('%s', (_name, frame, lines) => {
    expect(narrate(frame)).toEqual(lines);
  });

  it('is one line, however long and however broken the text is', () => {
    const [line] = narrate(
      about({ predicted: { risk: 0, findings: [{ sentence: `a\nb ${'x'.repeat(500)}` }], expected: [] } }),
    );
    expect(line).not.toContain('\n');
    expect(line!.length).toBeLessThanOrEqual(126);
  });
});

describe('a text from an agent', () => {
  it.each([
    ['\u001b[2J\u001b]0;owned\u0007', '\ufffd[2J\ufffd]0;owned\ufffd'],
    ['a\u009b31mb', 'a\ufffd31mb'],
    ['evil\u202etxt.exe', 'evil\ufffdtxt.exe'],
    ['two\r\nlines\tand tab', 'two lines and tab'],
    ['Grüße, 世界 😀', 'Grüße, 世界 😀'],
  ])('%j cannot steer the terminal', (text, shown) => {
    expect(plainText(text)).toBe(shown);
  });

  it('is shown plain wherever it comes from', () => {
    const lines = [
      ...narrate(proposed()),
      ...narrate({ ...proposed(), step: { step: 1, thought: '\u001b[1m', actions: [] } }),
      ...narrate(about({ tool: '\u001b[1m', arguments: { path: '\u001b[1m' } })),
      ...narrate({ type: 'completion', kind: 'x', failure: { code: 'a', message: '\u001b[1m' } }),
      ...new Narrator().lines(about({ key: '\u001b[1m', undone: { outcome: 'kept', restored: 0, problems: [] } })),
    ];
    expect(lines.join('')).not.toContain('\u001b');
  });
});

describe('a narrator', () => {
  it('names the call again when facts of another action follow', () => {
    const narrator = new Narrator();
    const said = (frame: NarratedFrame): string[] => narrator.lines(frame);
    const kept: Action = { undone: { outcome: 'kept', restored: 0, problems: [] } };
    expect(
      said(
        proposed({ key: 'e/2/0', tool: 'file.delete@v1', arguments: { path: 'a' } }, { key: 'e/2/1', tool: 'b@v1' }),
      ),
    ).toEqual(['  step 2: Delete the caches']);
    expect(said(about({ key: 'e/2/0', decided }))).toEqual([
      '    file.delete@v1 {"path":"a"}',
      '      decided   allow by read-files',
    ]);
    expect(said(about({ key: 'e/2/0', ...kept }))).toEqual(['      undone    kept']);
    expect(said(about({ key: 'e/2/1' }, 'action.started'))).toEqual([]);
    expect(said(about({ key: 'e/2/1', ...kept }))).toEqual(['    b@v1 {}', '      undone    kept']);
  });

  it('that comes late names an action by its key', () => {
    expect(new Narrator().lines(about({ key: 'e/2/0', decided }))[0]).toBe('    e/2/0');
  });
});
