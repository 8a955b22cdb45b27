import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { join } from 'node:path';
import { loadBundle } from '../policy/bundle.js';
import { PolicyEngine } from '../policy/policy.engine.js';
import { NO_TAINT, type PolicyRequest } from '../policy/policy.types.js';
import { alternativesOf, sentencesOf } from './evaluation.rules.js';

let engine: PolicyEngine;
beforeAll(async () => {
  engine = PolicyEngine.load(await loadBundle(join(import.meta.dirname, '../../../../policies')));
});

const request = (changed: Partial<PolicyRequest> = {}): PolicyRequest => ({
  team: 't',
  principal: { kind: 'service', id: 'suite' },
  agent: { id: 'tidy', version: '1' },
  tool: { name: 'file.delete', version: '1' },
  effects: 'reversible',
  action_digest: 'sha256:00',
  workspace: { id: 'w', registered: true },
  target: { kind: 'path', paths: ['build/a'] },
  held: true,
  risk: 0.1,
  sandbox: 'bubblewrap',
  taint: NO_TAINT,
  approvals: { role: 'approver', approvers: 0 },
  ...changed,
});
const said = (asked: PolicyRequest): string[] => {
  const decision = engine.decide(asked);
  const policies = decision.determining_policies.map((id) => ({ sentence: engine.sentences.get(id)! }));
  return sentencesOf(
    decision,
    policies,
    alternativesOf(asked, (one) => engine.decide(one)),
  );
};

describe('an evaluation', () => {
  it.each<[string, Partial<PolicyRequest>, string[]]>([
    [
      'of what is allowed says from which risk on it is not',
      {},
      [
        'Allowed, because: Ordinary files of the workspace may be written and deleted when that can be undone; one approver without a hold, from risk 0.7 or when the risk is unknown, two from 0.9.',
        'At a risk of 0.7 instead of 0.1, it would need one approver.',
      ],
    ],
    [
      'of what asks says who is needed, and for which paths nobody is',
      { target: { kind: 'path', paths: ['build/a', 'data/b', 'src/c', '.git/config'] } },
      [
        'Needs two different approvers, because: Changing version control data or files that look like they hold secrets needs two approvers.',
        'Approved by two different approvers, it would be allowed.',
        'Without "data/b", ".git/config", it would be allowed for "build/a", "src/c".',
        'Without ".git/config", it would need one approver for "build/a", "src/c", "data/b".',
      ],
    ],
    [
      'of a risk says the nearest at which something else is decided',
      { risk: 0.95 },
      [
        expect.stringMatching(/^Needs two different approvers, because: /) as never,
        'Approved by two different approvers, it would be allowed.',
        'At a risk of 0.8999 instead of 0.95, it would need one approver.',
      ],
    ],
    [
      'of an unknown risk says what a known one would do',
      { risk: null },
      [
        expect.stringMatching(/^Needs one approver, because: /) as never,
        'Approved by one approver, it would be allowed.',
        'With an assessed risk of 0, it would be allowed.',
      ],
    ],
    [
      'of what is forbidden says what forbids it, and what does not lift it is not named',
      { effects: 'irreversible', held: false },
      [
        'Denied, because: An action that cannot be undone is never done without a hold.',
        'If its effects could be undone, it would need one approver.',
      ],
    ],
    [
      'of what nothing lifts says so',
      { target: { kind: 'path', paths: ['../x'] }, approvals: { role: 'approver', approvers: 2 } },
      [
        'Denied, because: No path may leave the workspace.',
        'No single change that was tried would allow it, and no approver can.',
      ],
    ],
    [
      'of a tainted send says what the taint costs',
      {
        tool: { name: 'mail.send', version: '1' },
        target: { kind: 'send', host: 'mail.example.org', paths: [] },
        effects: 'irreversible',
        taint: { ...NO_TAINT, read_sensitive: true, read_untrusted: true },
      },
      [
        'Needs two different approvers, because: A run that met content from outside and read sensitive files sends something outside only with two approvers.',
        'Approved by two different approvers, it would be allowed.',
        'In a run that has read nothing sensitive and met nothing from outside, it would need one approver.',
      ],
    ],
  ])('%s', (_name, changed, sentences) => {
    expect(said(request(changed))).toEqual(sentences);
  });

  it('says nothing that its policies did not answer, and asks about a bounded number of changes', () => {
    const any = fc.record({
      name: fc.constantFrom('file.read', 'file.write', 'file.delete', 'shell.run'),
      paths: fc.uniqueArray(fc.constantFrom('build/a', 'src/b', 'data/c', '.env', '.git/x', '../y', '.'), {
        minLength: 1,
      }),
      risk: fc.constantFrom(null, 0, 0.5, 0.7, 0.89999, 0.9, 1),
      effects: fc.constantFrom('none', 'reversible', 'irreversible'),
      held: fc.boolean(),
      sandbox: fc.constantFrom('bubblewrap', 'none'),
      approvers: fc.nat({ max: 2 }),
      registered: fc.boolean(),
    });
    fc.assert(
      fc.property(any, ({ name, paths, approvers, registered, ...rest }) => {
        const asked = request({
          ...(rest as Partial<PolicyRequest>),
          tool: { name, version: '1' },
          target: { kind: name === 'shell.run' ? 'command' : 'path', paths },
          workspace: { id: 'w', registered },
          approvals: { role: 'approver', approvers },
        });
        const answers = new Set<string>();
        let questions = 0;
        const alternatives = alternativesOf(asked, (one) => {
          const decision = engine.decide(one);
          answers.add(`${decision.decision} ${decision.tier_needed}`);
          questions += 1;
          return decision;
        });
        for (const { decision, tier_needed } of alternatives) expect(answers).toContain(`${decision} ${tier_needed}`);
        expect(questions).toBeLessThan(100);
        const now = engine.decide(asked);
        if (now.decision === 'ask') expect(alternatives[0]).toMatchObject({ change: 'approvers', decision: 'allow' });
        const risks = alternatives.filter(({ change }) => change === 'risk');
        for (const { sentence, decision, tier_needed } of risks) {
          const risk = Number(/risk of ([\d.]+\d|\d)/.exec(sentence)![1]);
          expect(engine.decide({ ...asked, risk })).toMatchObject({ decision, tier_needed });
        }
      }),
      { numRuns: 200, seed: 20_261_120 },
    );
  });
});
