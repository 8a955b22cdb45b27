import type { PolicyAnswer, PolicyDecision, Tier } from './policy.types.js';

export const MAX_APPROVERS = 2;

export interface TierDecision {
  decision: PolicyDecision['decision'];
  tier: Tier | null;
  /** The answer that determined it; on *ask* the one the missing approvers would bring. */
  answer: PolicyAnswer;
}

/**
 * The tier is computed: policy is asked with none, one and two approvers, and the first allow is what is needed. A
 * forbid that applies with any number up to that, or any failure, denies whoever approves. `ask` must answer the same
 * for the same number.
 */
export function decideTier(approvers: number, ask: (approvers: number) => PolicyAnswer): TierDecision {
  const deny = (answer: PolicyAnswer): TierDecision => ({ decision: 'deny', tier: null, answer });
  let needed = 0;
  let answer = ask(needed);
  while (answer.kind === 'unmatched' && needed < MAX_APPROVERS) answer = ask((needed += 1));
  if (answer.kind !== 'allowed') return deny(answer);

  const tier = (needed + 1) as Tier;
  if (approvers < needed) return { decision: 'ask', tier, answer };
  const now = approvers === needed ? answer : ask(approvers);
  return now.kind === 'allowed' ? { decision: 'allow', tier, answer: now } : deny(now);
}

const PEOPLE = ['no approver', 'one approver', 'two different approvers'];

/** Sentences for people. `sentences`: policy id -> its sentence. */
export function reasonsFor(
  { decision, tier, answer }: TierDecision,
  tool: string,
  approvers: number,
  sentences: ReadonlyMap<string, string>,
): string[] {
  const said = answer.policies.map((id) => sentences.get(id) ?? `Policy ${id}.`);
  switch (answer.kind) {
    case 'allowed':
      if (decision === 'allow') return said;
      return [...said, `Needs ${PEOPLE[(tier ?? 1) - 1]}${approvers > 0 ? `; ${approvers} counted so far` : ''}.`];
    case 'unmatched':
      return [`No policy allows ${tool} here.`];
    case 'forbidden':
      return said;
    case 'failed':
      return [`A policy could not be evaluated, so nothing is allowed: ${answer.policies.join(', ')}.`];
    case 'invalid':
      return [`The request does not fit the policy schema: ${answer.message}.`];
  }
}
