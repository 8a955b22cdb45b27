import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  APPROVAL_TRANSITIONS,
  type ApprovalState,
  approversOf,
  changedSince,
  type ClaimInput,
  INITIAL_APPROVAL_STATUS,
  isTerminalApproval,
  judgeClaim,
  judgeVote,
  mayMoveApproval,
  type SeenChange,
  stillApprovers,
  tierApprovers,
  type Voter,
  voteObstacle,
  type Who,
} from './approval.rules.js';

const DEADLINE = 1_000;
const SUITE: Who = { kind: 'service', id: 'suite', name: 'suite' };
const named = (id: string): Who => ({ kind: 'person', id, name: `${id}@example.org` });
const approval: ApprovalState = {
  status: 'pending',
  key: 'run/1/0',
  digest: 'sha256:aa',
  asked_digest: 'sha256:aa',
  is_edited: false,
  tier_needed: 2,
  requested_by: SUITE,
  on_behalf_of: SUITE,
  votes: [],
  expires_at: DEADLINE,
  claimed_key: null,
  preview: [],
};
const ada: Voter = { ...named('ada'), on_behalf_of: named('ada'), roles: ['approver'], decision: 'approve' };
const approvedBy = (...people: string[]): ApprovalState['votes'] =>
  people.map((person_id) => ({ person_id, decision: 'approve' }));

describe('the transition table', () => {
  const statuses = ['pending', 'approved', 'rejected', 'expired', 'withdrawn', 'claimed'] as const;

  it('reaches every status from pending and ends in the terminal ones', () => {
    const reached = new Set([INITIAL_APPROVAL_STATUS]);
    for (const from of reached) for (const move of APPROVAL_TRANSITIONS) if (move.from === from) reached.add(move.to);
    expect([...reached].sort()).toEqual([...statuses].sort());
    expect(statuses.filter(isTerminalApproval)).toEqual(['rejected', 'expired', 'withdrawn', 'claimed']);
  });

  it('never leads to approved but from pending, and to claimed but from approved', () => {
    expect(statuses.filter((from) => mayMoveApproval(from, 'approved'))).toEqual(['pending']);
    expect(statuses.filter((from) => mayMoveApproval(from, 'claimed'))).toEqual(['approved']);
  });

  it('asks for none, one or two people', () => {
    expect([tierApprovers(1), tierApprovers(2), tierApprovers(3)]).toEqual([0, 1, 2]);
  });
});

describe('a vote', () => {
  const reject = { decision: 'reject' } as const;
  const cases: [string, Partial<ApprovalState>, Partial<Voter>, number, string][] = [
    ['completes one of one', {}, {}, 0, 'approved'],
    ['of an admin counts', {}, { roles: ['admin'] }, 0, 'approved'],
    ['in the last millisecond counts', {}, {}, DEADLINE - 1, 'approved'],
    ['is the first of two', { tier_needed: 3 }, {}, 0, 'pending'],
    ['is the second of two', { tier_needed: 3, votes: approvedBy('bob') }, {}, 0, 'approved'],
    ['against ends it', {}, { ...reject, reason: 'no' }, 0, 'rejected'],
    [
      'against ends it after somebody approved',
      { tier_needed: 3, votes: approvedBy('bob') },
      { ...reject, reason: 'no' },
      0,
      'rejected',
    ],
    ['against without a reason', {}, reject, 0, 'approval.reason_required'],
    ['against with a blank reason', {}, { ...reject, reason: ' \n' }, 0, 'approval.reason_required'],
    ['of a viewer', {}, { roles: ['viewer'] }, 0, 'approval.role_missing'],
    ['of an operator', {}, { roles: ['operator'] }, 0, 'approval.role_missing'],
    ["of another team's installation admin", {}, { roles: ['installation_admin'] }, 0, 'approval.role_missing'],
    ['by an agent key with the role', {}, { kind: 'agent' }, 0, 'approval.role_missing'],
    ['by a service key with the role', {}, { kind: 'service', roles: ['admin'] }, 0, 'approval.role_missing'],
    ['by the requester', { requested_by: ada }, {}, 0, 'approval.self_approval'],
    ['by the person behind the requester', { on_behalf_of: ada }, {}, 0, 'approval.self_approval'],
    [
      'by the person behind the requester, named by address alone',
      { on_behalf_of: { kind: 'person', id: 'Ada@Example.org', name: 'Ada@Example.org' } },
      {},
      0,
      'approval.self_approval',
    ],
    [
      'by the person behind the requester, named by id alone',
      { on_behalf_of: { kind: 'person', id: 'ada', name: 'ada' } },
      {},
      0,
      'approval.self_approval',
    ],
    [
      'on behalf of the requester',
      { requested_by: named('bob') },
      { on_behalf_of: named('bob') },
      0,
      'approval.self_approval',
    ],
    ['when nobody has a name', { requested_by: { ...named('bob'), name: '' } }, { name: '' }, 0, 'approved'],
    [
      'by a person whose id is a service of the same name',
      { requested_by: { kind: 'service', id: 'ada', name: 'ada' } },
      {},
      0,
      'approved',
    ],
    ['twice', { tier_needed: 3, votes: approvedBy('ada') }, {}, 0, 'approval.already_voted'],
    ['at the deadline', {}, {}, DEADLINE, 'approval.expired'],
    ['against, at the deadline', {}, { ...reject, reason: 'no' }, DEADLINE, 'approval.expired'],
    ['on an expired one', { status: 'expired' }, {}, 0, 'approval.expired'],
    ['on an approved one', { status: 'approved' }, {}, 0, 'approval.not_pending'],
    ['on a rejected one', { status: 'rejected' }, {}, 0, 'approval.not_pending'],
    ['on a withdrawn one', { status: 'withdrawn' }, {}, 0, 'approval.not_pending'],
    ['on a claimed one', { status: 'claimed' }, {}, 0, 'approval.not_pending'],
  ];
  it.each(cases)('%s', (_name, changed, vote, now, expected) => {
    const judged = judgeVote({ approval: { ...approval, ...changed }, voter: { ...ada, ...vote }, now });
    expect(judged.kind === 'accepted' ? judged.status : judged.code).toBe(expected);
  });

  it('is refused for the reason that whoever looks is told before, unless only a reason is missing', () => {
    for (const [, changed, vote, now, expected] of cases) {
      const isRefused = expected.startsWith('approval.') && expected !== 'approval.reason_required';
      const obstacle = voteObstacle({ ...approval, ...changed }, { ...ada, ...vote }, now);
      expect([vote, obstacle]).toEqual([vote, isRefused ? expected : null]);
    }
  });
});

describe('a claim', () => {
  const approved: ApprovalState = { ...approval, status: 'approved', votes: approvedBy('ada') };
  const input: ClaimInput = {
    approval: approved,
    key: approval.key,
    digest: approval.digest,
    preview: [],
    now: 0,
    fresh: { decision: 'allow', tier_needed: 2 },
    valid_approvers: ['ada'],
  };
  const claimed: ApprovalState = { ...approved, status: 'claimed', claimed_key: approval.key };
  const two: ApprovalState = { ...approved, tier_needed: 3, votes: approvedBy('ada', 'bob') };
  const tier3 = { decision: 'allow', tier_needed: 3 } as const;

  it.each<[string, Partial<ClaimInput>, string]>([
    ['in time', {}, 'ada'],
    ['again by the same key', { approval: claimed }, 'ada again'],
    ['again by the same key after the deadline', { approval: claimed, now: DEADLINE }, 'ada again'],
    [
      'again by the same key, when policy now denies',
      { approval: claimed, fresh: { decision: 'deny', tier_needed: null } },
      'approval.denied_now',
    ],
    ['by another key after the first', { approval: claimed, key: 'run/2/0' }, 'approval.claimed'],
    ['by another key', { key: 'run/2/0' }, 'approval.changed'],
    ['with other arguments', { digest: 'sha256:bb' }, 'approval.changed'],
    ['again with other arguments', { approval: claimed, digest: 'sha256:bb' }, 'approval.changed'],
    ['late', { now: DEADLINE }, 'approval.expired'],
    ['of an expired one', { approval: { ...approved, status: 'expired' } }, 'approval.expired'],
    ['of one nobody answered in time', { approval, now: DEADLINE }, 'approval.expired'],
    ['before the answer', { approval }, 'approval.pending'],
    ['of a rejected one', { approval: { ...approved, status: 'rejected' } }, 'approval.rejected'],
    ['of a withdrawn one', { approval: { ...approved, status: 'withdrawn' } }, 'approval.withdrawn'],
    ['when policy now denies', { fresh: { decision: 'deny', tier_needed: null } }, 'approval.denied_now'],
    ['when policy now asks for more', { fresh: { decision: 'ask', tier_needed: 3 } }, 'approval.denied_now'],
    ['when the approver was disabled', { valid_approvers: [] }, 'approval.denied_now'],
    ['when policy no longer needs anybody', { fresh: { decision: 'allow', tier_needed: 1 }, valid_approvers: [] }, ''],
    ['with two approvers', { approval: two, fresh: tier3, valid_approvers: ['bob', 'ada', 'eve'] }, 'ada,bob'],
    ['when one of two was disabled', { approval: two, fresh: tier3, valid_approvers: ['bob'] }, 'approval.denied_now'],
    ['with people who never approved', { fresh: tier3, valid_approvers: ['ada', 'eve'] }, 'approval.denied_now'],
  ])('%s', (_name, changed, expected) => {
    const judged = judgeClaim({ ...input, ...changed });
    const said = judged.kind === 'ok' ? judged.approvers.join() + (judged.repeated ? ' again' : '') : judged.code;
    expect(said).toBe(expected);
  });
});

describe('what people saw, and what is there now', () => {
  const file: SeenChange = { path: 'a', change: 'modified', before: 'sha256:1' };
  const fresh: SeenChange = { path: 'new', change: 'created', before: null };
  const late: SeenChange = { path: 'big', change: 'deleted', before: null };
  it.each<[string, SeenChange[], SeenChange[], string | null]>([
    ['nothing was foreseen', [], [], null],
    ['the same', [file, fresh], [file, fresh], null],
    ['another content', [file], [{ ...file, before: 'sha256:2' }], 'a'],
    ['the file is gone', [file], [{ ...file, change: 'created', before: null }], 'a'],
    ['the file cannot be seen', [file], [{ ...file, before: null }], 'a'],
    ['a file where there was none', [fresh], [{ ...fresh, change: 'modified', before: 'sha256:1' }], 'new'],
    ['nobody looked again', [file], [], 'a'],
    ['another path', [file], [{ ...file, path: 'b' }], 'a'],
    ['the second of two', [fresh, file], [fresh, { ...file, before: 'sha256:2' }], 'a'],
    ['more than was named', [file], [file, fresh], null],
    ['what could not be seen in time, seen now', [late], [{ ...late, before: 'sha256:1' }], null],
    ['what could not be seen in time, gone now', [late], [{ ...late, change: 'created' }], 'big'],
  ])('%s', (_name, seen, now, expected) => {
    expect(changedSince(seen, now)).toBe(expected);
  });

  it('decide a claim before policy does, and after whether anybody approved', () => {
    const approved: ApprovalState = { ...approval, status: 'approved', votes: approvedBy('ada'), preview: [file] };
    const { key, digest } = approval;
    const denied = { decision: 'deny', tier_needed: null } as const;
    const claim = (state: ApprovalState) =>
      judgeClaim({ approval: state, key, digest, preview: [], now: 0, fresh: denied, valid_approvers: ['ada'] });
    expect(claim(approved)).toEqual({ kind: 'refused', code: 'approval.content_changed', path: 'a' });
    expect(claim({ ...approved, status: 'claimed', claimed_key: key })).toMatchObject({ path: 'a' });
    expect(claim({ ...approved, status: 'pending' })).toMatchObject({ code: 'approval.pending' });
    expect(claim({ ...approved, preview: [] })).toMatchObject({ code: 'approval.denied_now' });
  });
});

describe('whose word still counts', () => {
  const member = { user_id: 'ada', role: 'approver', active: true } as const;
  it.each<[string, Parameters<typeof stillApprovers>[1], string[]]>([
    ['nothing is known of them yet', [], ['ada', 'bob']],
    ['an approver', [member], ['ada', 'bob']],
    ['an admin', [{ ...member, role: 'admin' }], ['ada', 'bob']],
    ['a disabled account', [{ ...member, active: false }], ['bob']],
    ['an operator by now', [{ ...member, role: 'operator' }], ['bob']],
    ['no longer a member', [{ ...member, role: null }], ['bob']],
    ['somebody else is disabled', [{ ...member, user_id: 'eve', active: false }], ['ada', 'bob']],
  ])('%s', (_name, known, expected) => {
    expect(stillApprovers(['ada', 'bob'], known)).toEqual(expected);
  });
});

/** What the service does with the judgements, on one row. */
function apply(row: ApprovalState, step: Step, granted: { key: string }[]): ApprovalState {
  const now = step.now;
  if (step.kind === 'vote') {
    const judged = judgeVote({ approval: row, voter: step.voter, now });
    if (judged.kind === 'refused') return row;
    expect(now).toBeLessThan(DEADLINE);
    expect(['requester', 'boss']).not.toContain(step.voter.id);
    const votes = [...row.votes, { person_id: step.voter.id, decision: step.voter.decision }];
    if (judged.status === 'approved') {
      expect(new Set(judged.approvers).size).toBeGreaterThanOrEqual(tierApprovers(row.tier_needed));
    }
    if (judged.status !== row.status) expect(mayMoveApproval(row.status, judged.status)).toBe(true);
    return { ...row, votes, status: judged.status };
  }
  const enough = step.valid_approvers.filter((person) => approversOf(row).includes(person)).length;
  const decision = enough >= tierApprovers(row.tier_needed) ? 'allow' : 'ask';
  const fresh = { decision, tier_needed: row.tier_needed } as const;
  const judged = judgeClaim({ approval: row, fresh, preview: [], ...step });
  if (judged.kind === 'refused') return row;
  granted.push({ key: step.key });
  if (judged.repeated) return row;
  expect(mayMoveApproval(row.status, 'claimed')).toBe(true);
  expect(now).toBeLessThan(DEADLINE);
  return { ...row, status: 'claimed', claimed_key: step.key };
}

type Step =
  | { kind: 'vote'; voter: Voter; now: number }
  | { kind: 'claim'; key: string; digest: string; valid_approvers: string[]; now: number };

const person = fc.constantFrom('requester', 'boss', 'ada', 'bob', 'eve');
const now = fc.integer({ min: 0, max: DEADLINE + 200 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('vote' as const),
      now,
      voter: fc
        .record({
          kind: fc.constantFrom('person', 'person', 'person', 'agent', 'service'),
          id: person,
          roles: fc.constantFrom<Voter['roles'][]>(['approver'], ['admin'], ['approver'], ['viewer']),
          decision: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'reject'),
          reason: fc.constantFrom('because', null),
        })
        .map((voter) => ({ ...voter, name: voter.id, on_behalf_of: { ...named(voter.id), kind: voter.kind } })),
    }),
    fc.record({
      kind: fc.constant('claim' as const),
      now,
      key: fc.constantFrom(approval.key, approval.key, 'run/2/0'),
      digest: fc.constantFrom(approval.digest, approval.digest, 'sha256:bb'),
      valid_approvers: fc.subarray(['ada', 'bob', 'eve', 'requester', 'boss']),
    }),
  ),
  { minLength: 3, maxLength: 20 },
);

describe('over any sequence of votes and claims', () => {
  it('one key at most is ever granted, and only what enough other people approved in time', () => {
    let claims = 0;
    fc.assert(
      fc.property(steps, fc.constantFrom(2 as const, 3 as const), (sequence, tier_needed) => {
        const granted: { key: string }[] = [];
        let row: ApprovalState = {
          ...approval,
          tier_needed,
          requested_by: named('requester'),
          on_behalf_of: named('boss'),
        };
        for (const step of [...sequence].sort((a, b) => a.now - b.now)) row = apply(row, step, granted);
        expect(new Set(granted.map(({ key }) => key)).size).toBeLessThanOrEqual(1);
        if (granted.length > 0) expect(approversOf(row).length).toBeGreaterThanOrEqual(tierApprovers(tier_needed));
        claims += granted.length;
      }),
      { numRuns: 3_000, seed: 7 },
    );
    expect(claims).toBeGreaterThan(100);
  });
});
