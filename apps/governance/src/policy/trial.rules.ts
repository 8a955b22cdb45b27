import type { Authorize, PolicyDecision, PolicyRequest } from './policy.types.js';
import type { Flip, RecordedInput, Replay } from './trial.types.js';

const SHOWN_FLIPS = 100;
const SHOWN_PATHS = 3;

/** `allow`, `ask 2`, `ask 3`, `deny`: a decision as it is compared. */
export const outcomeOf = ({ decision, tier_needed }: Pick<PolicyDecision, 'decision' | 'tier_needed'>): string =>
  decision === 'ask' ? `ask ${tier_needed}` : decision;

const targetText = ({ target }: PolicyRequest): string => {
  if (target.kind === 'execution') return target.driver;
  const more = target.paths.length - SHOWN_PATHS;
  return [...target.paths.slice(0, SHOWN_PATHS), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
};

const toolText = ({ tool }: PolicyRequest): string => `${tool.name}@v${tool.version}`;

/** An action in one line, for people. */
export const summaryOf = (request: PolicyRequest): string => {
  const { agent, risk } = request;
  const target = targetText(request);
  return `${toolText(request)}${target && ` on ${target}`} by ${agent.id}, risk ${risk ?? 'unknown'}`;
};

/** What a bundle would decide otherwise than the one in force, over recorded inputs. */
export function replay(inputs: readonly RecordedInput[], inForce: Authorize, candidate: Authorize): Replay {
  const kinds = new Map<string, { from: string; to: string; count: number }>();
  const flips: Flip[] = [];
  for (const { request, ...input } of inputs) {
    const [from, to] = [inForce(request), candidate(request)];
    const [was, is] = [outcomeOf(from), outcomeOf(to)];
    if (was === is) continue;
    const kind = kinds.get(`${was} ${is}`) ?? { from: was, to: is, count: 0 };
    kinds.set(`${was} ${is}`, { ...kind, count: kind.count + 1 });
    if (flips.length < SHOWN_FLIPS) {
      flips.push({ input, summary: summaryOf(request), tool: toolText(request), from, to });
    }
  }
  const counts = [...kinds.values()].sort((one, other) => other.count - one.count);
  return {
    replayed: inputs.length,
    inexact: inputs.filter(({ inexact }) => inexact).length,
    flipped: counts.reduce((sum, { count }) => sum + count, 0),
    kinds: counts,
    flips,
  };
}

/** The policies that make the difference: they determine one of the two decisions and not the other. */
export const flippedBy = ({ from, to }: Pick<Flip, 'from' | 'to'>): string[] => {
  const [was, is] = [new Set(from.determining_policies), new Set(to.determining_policies)];
  const only = [...is].filter((id) => !was.has(id));
  const gone = [...was].filter((id) => !is.has(id));
  // The same policies with another outcome: their own conditions changed.
  return only.length + gone.length > 0 ? [...only, ...gone].sort() : [...is].sort();
};
