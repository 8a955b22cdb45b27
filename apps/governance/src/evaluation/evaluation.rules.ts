import type { governance } from '#contracts';
import type { Authorize, PolicyDecision, PolicyRequest, PolicyTarget } from '../policy/policy.types.js';

type Alternative = governance.Alternative;
type Outcome = Pick<PolicyDecision, 'decision' | 'tier_needed'>;

/** Cedar's decimal has four places, so this is the smallest step a policy can see. */
const RISK_STEP = 0.0001;
const RISK_STEPS = 10_000;
/** Most paths that are looked at one by one, and most that a sentence names. */
const MAX_PATHS = 100;
const SHOWN_PATHS = 5;

const PEOPLE = { 1: 'nobody', 2: 'one approver', 3: 'two different approvers' } as const;

/** 0 allow, 1 ask one, 2 ask two, 3 deny. */
const severityOf = ({ decision, tier_needed }: Outcome): number =>
  decision === 'deny' ? 3 : decision === 'allow' ? 0 : (tier_needed ?? 3) - 1;

const outcomeText = ({ decision, tier_needed }: Outcome): string => {
  if (decision === 'allow') return 'it would be allowed';
  if (decision === 'deny') return 'it would be denied';
  return `it would need ${PEOPLE[tier_needed ?? 3]}`;
};

const pathsOf = ({ target }: PolicyRequest): string[] => ('paths' in target ? target.paths : []);

const withPaths = (request: PolicyRequest, paths: string[]): PolicyRequest => ({
  ...request,
  target: { ...request.target, paths } as PolicyTarget,
});

const listed = (paths: readonly string[]): string => {
  const shown = paths.slice(0, SHOWN_PATHS).map((path) => JSON.stringify(path));
  const more = paths.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
};

/**
 * What else would be decided, each found by asking: nothing is said of a change that the policies were not asked about.
 * `authorize` must answer the same for the same request; it is asked a few hundred times at most.
 */
export function alternativesOf(request: PolicyRequest, authorize: Authorize): Alternative[] {
  const now = authorize(request);
  const ask = (change: Alternative['change'], text: string, other: PolicyRequest): Alternative => {
    const { decision, tier_needed } = authorize(other);
    return { change, sentence: `${text}, ${outcomeText({ decision, tier_needed })}.`, decision, tier_needed };
  };
  const better = (alternative: Alternative): boolean => severityOf(alternative) < severityOf(now);
  return [
    ...approversThatAllow(request, now, ask),
    ...singleChanges(request, ask).filter(better),
    ...fewerPaths(request, authorize, now),
    ...otherRisk(request, authorize, ask),
  ];
}

type Ask = (change: Alternative['change'], text: string, other: PolicyRequest) => Alternative;

function approversThatAllow(request: PolicyRequest, now: PolicyDecision, ask: Ask): Alternative[] {
  if (now.decision !== 'ask') return [];
  const approvers = (now.tier_needed ?? 3) - 1;
  const approved = { ...request, approvals: { ...request.approvals, approvers } };
  return [ask('approvers', `Approved by ${PEOPLE[now.tier_needed ?? 3]}`, approved)];
}

function singleChanges(request: PolicyRequest, ask: Ask): Alternative[] {
  const { effects, held, sandbox, target, taint, workspace } = request;
  const clean = { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: false };
  const isTainted = Object.values(taint).includes(true);
  return [
    ...(held ? [] : [ask('held', 'With a hold before it', { ...request, held: true })]),
    ...(effects === 'none' || effects === 'reversible'
      ? []
      : [ask('effects', 'If its effects could be undone', { ...request, effects: 'reversible' })]),
    ...(target.kind === 'command' && sandbox === 'none'
      ? [ask('sandbox', 'In the sandbox', { ...request, sandbox: 'bubblewrap' })]
      : []),
    ...(workspace.registered
      ? []
      : [
          ask('registered', 'In a registered workspace', { ...request, workspace: { ...workspace, registered: true } }),
        ]),
    ...(isTainted
      ? [
          ask('taint', 'In a run that has read nothing sensitive and met nothing from outside', {
            ...request,
            taint: clean,
          }),
        ]
      : []),
  ];
}

/** Those of its paths with which alone less would be needed, asked for together, too. */
function fewerPaths(request: PolicyRequest, authorize: Authorize, now: PolicyDecision): Alternative[] {
  const paths = [...new Set(pathsOf(request))];
  if (paths.length < 2 || paths.length > MAX_PATHS) return [];
  const groups = new Map<number, string[]>();
  for (const path of paths) {
    const severity = severityOf(authorize(withPaths(request, [path])));
    groups.set(severity, [...(groups.get(severity) ?? []), path]);
  }
  const severities = [...groups.keys()].filter((severity) => severity < severityOf(now)).sort();
  return severities.flatMap((severity) => {
    const kept = severities.filter((other) => other <= severity).flatMap((other) => groups.get(other) ?? []);
    if (kept.length === paths.length) return [];
    const { decision, tier_needed } = authorize(withPaths(request, kept));
    if (severityOf({ decision, tier_needed }) > severity) return [];
    const left = paths.filter((path) => !kept.includes(path));
    const sentence = `Without ${listed(left)}, ${outcomeText({ decision, tier_needed })} for ${listed(kept)}.`;
    return [{ change: 'paths' as const, sentence, decision, tier_needed }];
  });
}

/**
 * The nearest risk at which something else is decided, below and above. Found by halving between two risks with
 * different answers, so the two neighbours of the border were asked about.
 */
function otherRisk(request: PolicyRequest, authorize: Authorize, ask: Ask): Alternative[] {
  const at = (steps: number): PolicyRequest => ({ ...request, risk: steps / RISK_STEPS });
  if (request.risk === null) {
    const known = ask('risk', 'With an assessed risk of 0', at(0));
    return severityOf(known) === severityOf(authorize(request)) ? [] : [known];
  }
  const severity = (steps: number): number => severityOf(authorize(at(steps)));
  const here = Math.round(request.risk / RISK_STEP);
  const now = severityOf(authorize(request));
  return [0, RISK_STEPS].flatMap((end) => {
    if (severity(end) === now || severity(here) !== now) return [];
    let [same, other] = [here, end];
    while (Math.abs(same - other) > 1) {
      const middle = Math.floor((same + other) / 2);
      if (severity(middle) === now) same = middle;
      else other = middle;
    }
    return [ask('risk', `At a risk of ${other / RISK_STEPS} instead of ${request.risk}`, at(other))];
  });
}

const decidedText = ({ decision, tier_needed }: Outcome): string => {
  if (decision === 'allow') return tier_needed === 1 ? 'Allowed' : `Allowed with ${PEOPLE[tier_needed ?? 3]}`;
  return decision === 'deny' ? 'Denied' : `Needs ${PEOPLE[tier_needed ?? 3]}`;
};

/** Of what a kill switch refuses: that, and what policy says without it. */
export const refusedText = (
  refusal: string,
  otherwise: PolicyDecision,
  policies: readonly { sentence: string }[],
): { sentences: string[]; alternatives: Alternative[] } => {
  const { decision, tier_needed } = otherwise;
  const sentence = `With no kill switch in its way, ${outcomeText({ decision, tier_needed })}, because: ${becauseOf(otherwise, policies)}`;
  return {
    sentences: [`Denied, because: ${refusal}`, sentence],
    alternatives: [{ change: 'kill_switch', sentence, decision, tier_needed }],
  };
};

const becauseOf = ({ reasons }: PolicyDecision, policies: readonly { sentence: string }[]): string =>
  (policies.length > 0 ? policies.map(({ sentence }) => sentence) : reasons).join(' ');

/** What was decided and why, then what would change it; of what nobody can lift, that too. */
export const sentencesOf = (
  decision: PolicyDecision,
  policies: readonly { sentence: string }[],
  alternatives: readonly Alternative[],
): string[] => {
  const open = alternatives.some(({ decision: other }) => other !== 'deny');
  const hopeless = decision.decision === 'deny' && !open;
  return [
    `${decidedText(decision)}, because: ${becauseOf(decision, policies)}`,
    ...alternatives.map(({ sentence }) => sentence),
    ...(hopeless ? ['No single change that was tried would allow it, and no approver can.'] : []),
  ];
};
