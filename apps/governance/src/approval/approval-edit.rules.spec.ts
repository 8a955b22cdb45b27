import { describe, expect, it } from '@jest/globals';
import { type EditInput, judgeEdit } from './approval-edit.rules.js';
import { type ApprovalState, judgeClaim, judgeVote, type Voter, type Who } from './approval.rules.js';

const named = (id: string): Who => ({ kind: 'person', id, name: `${id}@example.org` });
const asked = {
  agent_id: 'tidy',
  agent_version: '1',
  tool: 'file.delete@v1',
  workspace: { id: '/srv', registered: true },
};
const input: EditInput = {
  approval: {
    status: 'pending',
    key: 'run/1/0',
    digest: 'sha256:aa',
    asked_digest: 'sha256:aa',
    is_edited: false,
    tier_needed: 2,
    requested_by: named('bob'),
    on_behalf_of: named('bob'),
    votes: [],
    expires_at: 1_000,
    claimed_key: null,
    preview: [],
  },
  asked,
  editor: { ...named('ada'), on_behalf_of: named('ada'), roles: ['approver'] },
  seen: 'sha256:aa',
  edited: { ...asked, key: 'run/1/0', digest: 'sha256:bb' },
  fresh: { decision: 'ask', tier_needed: 2, reasons: ['Why.'] },
  now: 0,
};
const two = { ...input.approval, tier_needed: 3 as const };
const edited = (changed: object) => ({ edited: { ...input.edited!, ...changed } });

const elsewhere = { ...asked, agent_version: 'external' };

describe('an edit of the arguments', () => {
  it.each<[string, Partial<EditInput>, string]>([
    ['is a yes to them', {}, 'approved'],
    ['is the first of two', { approval: two }, 'pending'],
    ['by somebody who has voted voids that vote', { approval: { ...two, votes: [vote('ada')] } }, 'pending'],
    ['voids the first yes of another', { approval: { ...two, votes: [vote('eve')] } }, 'pending'],
    ['to an action that needs nobody still needs its one', { fresh: fresh('allow', 1) }, 'approved'],
    ['to an action that needs fewer still needs two', { approval: two }, 'pending'],
    ['by whoever asked', { editor: { ...input.editor, ...named('bob') } }, 'approval.self_approval'],
    ['for whoever asked', { editor: { ...input.editor, on_behalf_of: named('bob') } }, 'approval.self_approval'],
    ['by an operator', { editor: { ...input.editor, roles: ['operator'] } }, 'approval.role_missing'],
    ['by an agent', { editor: { ...input.editor, kind: 'agent' } }, 'approval.role_missing'],
    ['at the deadline', { now: 1_000 }, 'approval.expired'],
    ['of what is decided', { approval: { ...input.approval, status: 'approved' } }, 'approval.not_pending'],
    ['of what was edited meanwhile', { seen: 'sha256:cc' }, 'approval.edited'],
    ['of what no run waits for', { edited: null }, 'approval.not_editable'],
    [
      'of an agent elsewhere',
      { asked: elsewhere, edited: { ...input.edited!, ...elsewhere } },
      'approval.not_editable',
    ],
    ['to another action', edited({ key: 'run/2/0' }), 'approval.changed'],
    ['to another tool', edited({ tool: 'shell.run@v1' }), 'approval.changed'],
    ['to another agent', edited({ agent_id: 'eve' }), 'approval.changed'],
    ['to another version of the agent', edited({ agent_version: '2' }), 'approval.changed'],
    ['to another folder', edited({ workspace: { id: '/', registered: true } }), 'approval.changed'],
    ['to a folder nobody registered', edited({ workspace: { id: '/srv', registered: false } }), 'approval.changed'],
    ['that changes nothing', edited({ digest: 'sha256:aa' }), 'approval.unchanged'],
    ['to an action that policy denies', { fresh: fresh('deny', null) }, 'approval.edit_denied'],
    ['to an action that needs two people, of one', { fresh: fresh('ask', 3) }, 'approval.edit_denied'],
    ['to an action that needs two people, of two', { approval: two, fresh: fresh('ask', 3) }, 'pending'],
  ])('%s', (_name, changed, expected) => {
    const judged = judgeEdit({ ...input, ...changed });
    expect(judged.kind === 'accepted' ? judged.status : judged.code).toBe(expected);
  });

  it('of an agent elsewhere says why it cannot be, whatever was looked at', () => {
    for (const changed of [{ edited: null }, { edited: null, seen: 'sha256:cc' }]) {
      const sentence = expect.stringContaining('runs elsewhere and would not be told');
      expect(judgeEdit({ ...input, asked: elsewhere, ...changed })).toMatchObject({ sentence });
    }
  });

  it('of another version says that somebody edited it only if somebody did', () => {
    const notThere = { sentence: expect.stringContaining('not that of the action there is') };
    expect(judgeEdit({ ...input, seen: 'sha256:cc' })).toMatchObject(notThere);
    const once = { ...input.approval, is_edited: true };
    expect(judgeEdit({ ...input, approval: once, seen: 'sha256:cc' })).not.toHaveProperty('sentence');
  });

  it('that policy refuses brings what policy says', () => {
    expect(judgeEdit({ ...input, fresh: fresh('deny', null) })).toMatchObject({ reasons: ['Why.'] });
  });
});

describe('a vote', () => {
  const ada: Voter = { ...input.editor, decision: 'approve' };
  const reject = { decision: 'reject' } as const;
  const version2 = { digest: 'sha256:bb', is_edited: true };
  it.each<[string, Partial<ApprovalState>, Partial<Voter>, string]>([
    ['that saw what is there', {}, { seen: 'sha256:aa' }, 'approved'],
    ['that saw something else', {}, { seen: 'sha256:bb' }, 'approval.edited'],
    ['on edited arguments that does not say what it saw', version2, {}, 'approval.edited'],
    ['on edited arguments that saw those before', version2, { seen: 'sha256:aa' }, 'approval.edited'],
    ['on edited arguments that saw them', version2, { seen: 'sha256:bb' }, 'approved'],
    ['against edited arguments, seen or not', version2, { ...reject, reason: 'no' }, 'rejected'],
    ['against what is no longer there', version2, { ...reject, reason: 'no', seen: 'sha256:aa' }, 'approval.edited'],
  ])('%s', (_name, changed, vote, expected) => {
    const judged = judgeVote({ approval: { ...input.approval, ...changed }, voter: { ...ada, ...vote }, now: 0 });
    expect(judged.kind === 'accepted' ? judged.status : judged.code).toBe(expected);
    if (expected === 'approval.edited')
      expect(judged).toMatchObject({ digest: changed.digest ?? input.approval.digest });
  });
});

describe('a claim', () => {
  const version2 = { digest: 'sha256:bb', is_edited: true };
  const approved: ApprovalState = { ...input.approval, status: 'approved', votes: [vote('ada')] };
  const claimed: ApprovalState = { ...approved, status: 'claimed', claimed_key: approved.key };
  it.each<[string, ApprovalState, string, string]>([
    ['as it was asked for, of edited arguments', { ...approved, ...version2 }, 'sha256:aa', 'approval.edited'],
    ['as it was asked for, after the edited one', { ...claimed, ...version2 }, 'sha256:aa', 'approval.edited'],
    ['as it was edited', { ...approved, ...version2 }, 'sha256:bb', 'ok'],
    ['as it was edited, again', { ...claimed, ...version2 }, 'sha256:bb', 'ok'],
    ['as another edit', { ...approved, ...version2 }, 'sha256:cc', 'approval.changed'],
    [
      'as it was asked for, while edited and pending',
      { ...input.approval, ...version2 },
      'sha256:aa',
      'approval.pending',
    ],
  ])('%s', (_name, approval, digest, expected) => {
    const { key } = approval;
    const fresh = { decision: 'allow', tier_needed: 2 } as const;
    const judged = judgeClaim({ approval, key, digest, preview: [], now: 0, fresh, valid_approvers: ['ada'] });
    expect(judged.kind === 'ok' ? 'ok' : judged.code).toBe(expected);
    if (expected === 'approval.edited') expect(judged).toMatchObject({ digest: 'sha256:bb' });
  });
});

function vote(person_id: string) {
  return { person_id, decision: 'approve' as const };
}

function fresh(decision: 'allow' | 'ask' | 'deny', tier_needed: 1 | 2 | 3 | null): EditInput['fresh'] {
  return { decision, tier_needed, reasons: ['Why.'] };
}
