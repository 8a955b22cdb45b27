import { describe, expect, it } from '@jest/globals';
import type { Policy, PolicyOverview } from '#client/browser';
import { draftFrom, isOf, keptDraftOf, obstacleOf } from './draft.rules.js';
import { EMPTY_EVALUATION, fieldOfEvaluation, questionOf } from './evaluate.rules.js';
import { policySearchOf } from './policy-search.rules.js';
import {
  becauseText,
  acknowledged,
  changesOf,
  inOrder,
  marksOf,
  nameProblem,
  noteOf,
  outcomeOf,
  outcomeWords,
  paceMs,
  placeOf,
  type Replica,
  stillNeeded,
  type Summary,
  titleOf,
} from './policy.rules.js';

const replica = (epoch: number, more: Partial<Replica> = {}): Replica => ({
  id: 'r',
  epoch,
  heartbeat_at: '2026-01-01T00:00:00Z',
  alive: true,
  ...more,
});
const inForce = { epoch: 3, files: { 'a.cedar': 'a', 'path-classes.yaml': 'p' } };
const overview = (more: object): PolicyOverview => ({ ...inForce, replicas: [], items: [], ...more }) as never;

describe('files of a bundle', () => {
  it('are policies, then what they speak of, then tests', () => {
    expect(inOrder(['tests/a.yaml', 'schema.cedarschema', 'b.cedar', 'path-classes.yaml', 'a.cedar'])).toEqual([
      'a.cedar',
      'b.cedar',
      'path-classes.yaml',
      'schema.cedarschema',
      'tests/a.yaml',
    ]);
  });

  it.each([
    ['x.cedar', null],
    ['tests/x-1.yaml', null],
    ['a.cedar', 'there is one of this name'],
    ['X.cedar', expect.any(String)],
    ['../x.cedar', expect.any(String)],
    ['tests/x.cedar', expect.any(String)],
    ['', expect.any(String)],
  ])('may be called %s: %s', (name, problem) => expect(nameProblem(name, inForce.files)).toEqual(problem));

  it('differ where one was added, changed or removed', () => {
    expect(
      changesOf({ 'a.cedar': '1', 'b.cedar': '1', 'c.cedar': '1' }, { 'a.cedar': '1', 'b.cedar': '2', d: '' }),
    ).toEqual([
      { file: 'b.cedar', kind: 'changed' },
      { file: 'c.cedar', kind: 'removed' },
      { file: 'd', kind: 'added' },
    ]);
  });
});

describe('a problem', () => {
  it.each([
    ['files.cedar:12', { file: 'files.cedar', line: 12 }],
    ['tests/a.yaml:0', { file: 'tests/a.yaml', line: 1 }],
    ['', null],
    ['files.cedar', null],
  ])('at %j is at %j', (path, place) => expect(placeOf(path)).toEqual(place));

  it('marks its line, all of those of one line together', () => {
    const at = (file: string, line: number, message: string) => ({ place: { file, line }, message });
    const problems = [at('a', 2, 'x'), at('a', 2, 'y'), at('b', 2, 'z'), { place: null, message: 'whole' }];
    expect([...marksOf(problems, 'a')]).toEqual([[2, 'x; y']]);
  });
});

describe('what is in force', () => {
  it('is acknowledged by those that live and decide by it', () => {
    const replicas = [
      replica(3),
      replica(2),
      replica(3, { problem: 'the signature is wrong' }),
      replica(1, { alive: false }),
    ];
    expect(acknowledged({ epoch: 3, replicas })).toEqual({ alive: 3, taken: 1, late: [replicas[1], replicas[2]] });
  });

  it('is looked at again soon while something moves', () => {
    const asked = overview({ replicas: [replica(3)], items: [{ status: 'awaiting_approval' } as Summary] });
    const still = overview({ replicas: [replica(3)] });
    const moving = overview({ replicas: [replica(2)] });
    expect(paceMs(moving)).toBeLessThan(paceMs(asked));
    expect(paceMs(asked)).toBeLessThan(paceMs(still));
  });

  it('is what a draft begins with', () => {
    expect(draftFrom(inForce)).toEqual({ files: inForce.files, based_on: 3, note: '', tried: null });
  });
});

describe('people', () => {
  const vote = (id: string, decision: 'approve' | 'reject') => ({ by: { id }, decision }) as Policy['votes'][number];

  it.each([
    [[], 2],
    [[vote('a', 'approve')], 1],
    [[vote('a', 'approve'), vote('b', 'approve')], 0],
    [[vote('a', 'reject')], 2],
  ])('%j: %i more are needed', (votes, needed) => {
    expect(stillNeeded({ votes, approvers_needed: 2 })).toBe(needed);
  });
});

describe('a draft', () => {
  const changed = { ...draftFrom(inForce), files: { ...inForce.files, 'a.cedar': 'b' } };
  const tried = (more: object): Policy =>
    ({ files: changed.files, based_on: 3, check: { ok: true }, ...more }) as never;
  const replayed = tried({ shadow: { against: 3 } });

  it('is kept as it is, and what is none is not taken for one', () => {
    const draft = { ...changed, note: 'why', tried: 'id' };
    expect(keptDraftOf(JSON.stringify(draft))).toEqual(draft);
    for (const kept of [null, '', '{', '3', '{}', '{"files":{"a":1},"based_on":1}', '{"files":{},"based_on":"1"}'])
      expect(keptDraftOf(kept)).toBeNull();
  });

  it('is what was tried until one letter of it differs', () => {
    expect([
      isOf(tried({}), changed),
      isOf(tried({ based_on: 2 }), changed),
      isOf(tried({ files: {} }), changed),
    ]).toEqual([true, false, false]);
  });

  it.each([
    ['check', draftFrom(inForce), null, /change something/],
    ['check', changed, null, null],
    ['replay', changed, null, /checked first/],
    ['replay', changed, tried({ files: inForce.files }), /checked first/],
    ['replay', changed, tried({ check: { ok: false } }), /solved/],
    ['replay', changed, tried({}), null],
    ['propose', changed, tried({}), /replayed/],
    ['propose', changed, tried({ shadow: { against: 2 } }), /replayed/],
    ['propose', changed, replayed, null],
    ['propose', { ...changed, based_on: 2 }, replayed, /Epoch 3/],
  ] as const)('%s of %j, tried as %j: %s', (step, draft, was, obstacle) => {
    const said = obstacleOf(step, { draft, tried: was, inForce });
    if (obstacle === null) expect(said).toBeNull();
    else expect(said).toMatch(obstacle);
  });
});

describe('words', () => {
  it.each([
    [{ epoch: 3, returns_to: null, based_on: 2 }, 'Epoch 3'],
    [{ epoch: 3, returns_to: 1, based_on: 2 }, 'Epoch 3, epoch 1 again'],
    [{ epoch: null, returns_to: 1, based_on: 2 }, 'Epoch 1 again'],
    [{ epoch: null, returns_to: null, based_on: 2 }, 'For epoch 3'],
  ])('call %j %s', (policy, title) => expect(titleOf(policy)).toBe(title));

  it('say why it was written', () => {
    const shipped = { kind: 'service', id: 'spectrace', name: 'shipped' } as Summary['author'];
    const ada = { kind: 'person', id: 'a', name: 'Ada' } as Summary['author'];
    expect([{ author: shipped }, { author: ada }, { author: ada, note: 'So.' }].map(noteOf)).toEqual([
      'As it was shipped.',
      'Nobody said why.',
      'So.',
    ]);
  });

  it('say what was decided', () => {
    expect([outcomeOf('ask', 3), outcomeOf('deny', null)].map((one) => outcomeWords(one).word)).toEqual([
      'ask two people',
      'deny',
    ]);
    expect(outcomeWords('something new')).toEqual({ word: 'something new', tone: 'neutral' });
  });
});

describe('a question about an action', () => {
  it('has what was filled in and nothing else', () => {
    expect(questionOf({ ...EMPTY_EVALUATION, tool: ' file.read ' })).toEqual({ tool: 'file.read' });
    expect(
      questionOf({
        ...EMPTY_EVALUATION,
        tool: 'mail.send',
        paths: 'a\n\n b \n',
        risk: 0,
        approvers: '2',
        held: false,
        sandbox: false,
        taint: ['secrets_used'],
      }),
    ).toEqual({
      tool: 'mail.send',
      paths: ['a', 'b'],
      risk: 0,
      approvers: 2,
      held: false,
      sandbox: 'none',
      taint: { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: true },
    });
  });

  it.each([
    ['tool', 'tool'],
    ['paths.0', 'paths'],
    ['taint.secrets_used', null],
    ['driver', null],
  ])('refused for %s is told at %s', (path, field) => expect(fieldOfEvaluation(path)).toBe(field));
});

describe('the URL', () => {
  it('holds what the page knows', () => {
    expect(policySearchOf({ view: 'history', policy: 'p', at: 'a.cedar:1', more: 1 })).toEqual({
      view: 'history',
      policy: 'p',
      at: 'a.cedar:1',
    });
    expect(policySearchOf({ view: 'force', policy: '', at: 3 })).toEqual({});
    expect(policySearchOf({ view: 'nowhere' })).toEqual({});
  });
});

it.each([
  [{ from_policies: ['z'], to_policies: ['a', 'b'] }, 'before: z; now: a, b'],
  [{ from_policies: ['z'], to_policies: [] }, 'before: z; now: no policy'],
  [{}, 'p'],
  [{ policies: [] }, 'no policy allows it any more'],
])('of a decision that changes with %j the reason is %s', (changed, text) => {
  const flip = { execution_id: '', step: 1, index: 0, at: '', summary: '', from: '', to: '', reasons: [] };
  expect(becauseText({ ...flip, policies: ['p'], ...changed })).toBe(text);
});
