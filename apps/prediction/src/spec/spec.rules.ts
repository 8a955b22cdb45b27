import type { AnalyzedAction, AnalyzedStep } from '../analysis/analysis.types.js';
import { hash7, stableText, unpack } from '../analysis/hash.rules.js';
import { ancestors } from '../assessment/path.rules.js';
import { bareTool } from '../assessment/tool.rules.js';
import type { TaintSummary } from '../assessment/assessment.types.js';
import type {
  AutomatonState,
  CompiledSpec,
  CompiledSpecs,
  SpecProblem,
  SpecRule,
  SpecState,
  SpecViolation,
  TraceEvent,
} from './spec.types.js';

const NO_TAINT: TaintSummary = {
  read_sensitive: false,
  read_untrusted: false,
  external_send_pending: false,
  secrets_used: false,
};
const NO_ACTION = { tool: '', arguments: {}, call: '', ok: false, output: '', error: '', verdict: '', deviations: [] };
/** The key of rules that have none. */
const ONE_KEY = [''];

export interface SpecAdvance {
  state: SpecState;
  violations: SpecViolation[];
  problems: SpecProblem[];
}

/**
 * One step through every spec's automaton. Cost per event and spec: at most three conditions and work bounded by the spec's
 * capacity, whatever the length of the run. The given state is not changed; slots of specs that are gone are dropped.
 */
export function advance(
  { specs }: CompiledSpecs,
  state: SpecState,
  step: AnalyzedStep,
  taint?: TaintSummary | null,
): SpecAdvance {
  const events = eventsOf(step, taint ?? NO_TAINT);
  const next: SpecState = {};
  const violations: SpecViolation[] = [];
  const problems: SpecProblem[] = [];
  for (const spec of specs) {
    let automaton: AutomatonState | undefined = state[spec.slot];
    for (const event of events) {
      try {
        const moved = move(spec, spec.rule, automaton, event, step.step);
        automaton = moved.automaton;
        for (const steps of moved.violated)
          violations.push({
            spec_id: spec.id,
            severity: spec.severity,
            sentence: spec.sentence,
            steps,
            tool: event.kind === 'action' ? event.tool : null,
          });
      } catch (error) {
        problems.push({
          spec_id: spec.id,
          step: step.step,
          message: error instanceof Error ? error.message : String(error),
        });
      }
    }
    if (automaton !== undefined) next[spec.slot] = automaton;
  }
  return { state: next, violations, problems };
}

export function eventsOf(step: AnalyzedStep, taint: TaintSummary): TraceEvent[] {
  const turn = { step: BigInt(step.step), thought: step.thought, observation: step.observation ?? '', taint };
  return [
    ...step.actions.map((action): TraceEvent => ({
      ...turn,
      kind: 'action',
      final_answer: '',
      ...actionFields(action),
    })),
    { ...turn, ...NO_ACTION, kind: 'turn', final_answer: step.final_answer ?? '' },
  ];
}

function actionFields(action: AnalyzedAction) {
  const tool = bareTool(action.tool);
  return {
    tool,
    arguments: action.arguments,
    call: hash7(`${tool} ${stableText(action.arguments)}`),
    ok: action.ok,
    output: action.output_excerpt ?? '',
    error: action.error ? `${action.error.code}: ${action.error.message}` : '',
    verdict: action.verdict ?? '',
    deviations: (action.deviations ?? []).map(({ path = '', change = '', reason }) => ({ path, change, reason })),
  };
}

interface Move {
  automaton: AutomatonState | undefined;
  /** The steps of each violation this event completes. */
  violated: number[][];
}

function move(
  spec: CompiledSpec,
  rule: SpecRule,
  automaton: AutomatonState | undefined,
  event: TraceEvent,
  step: number,
): Move {
  switch (rule.kind) {
    case 'never':
      return { automaton: undefined, violated: rule.match(event) ? [[step]] : [] };
    case 'always':
      return { automaton: undefined, violated: rule.when(event) && !rule.holds(event) ? [[step]] : [] };
    case 'before':
      return before(spec, rule, automaton, event, step);
    case 'after':
      return after(rule, automaton, event, step);
    case 'at_most':
      return atMost(spec, rule, automaton, event, step);
    case 'within':
      return within(spec, rule, automaton, event, step);
  }
}

type RuleOf<K extends SpecRule['kind']> = Extract<SpecRule, { kind: K }>;

/** Once the memory of what was met is full, a missing key proves nothing any more, so nothing is reported. */
function before(
  spec: CompiledSpec,
  rule: RuleOf<'before'>,
  automaton: AutomatonState | undefined,
  event: TraceEvent,
  step: number,
): Move {
  const memory = automaton && 'keys' in automaton ? automaton : { keys: '', full: false };
  let violated: number[][] = [];
  if (!memory.full && rule.act(event)) {
    const met = new Set(unpack(memory.keys));
    const covered = (key: string): boolean =>
      (rule.ancestors ? ancestors(key) : [key]).some((name) => met.has(hash7(name)));
    if (!(rule.key?.(event) ?? ONE_KEY).every(covered)) violated = [[step]];
  }
  if (memory.full || !rule.requires(event)) return { automaton: memory, violated };
  const keys = new Set(unpack(memory.keys));
  for (const key of rule.requiredKey?.(event) ?? ONE_KEY) keys.add(hash7(key));
  const full = keys.size > spec.capacity;
  return { automaton: { keys: full ? '' : [...keys].join(''), full }, violated };
}

/** An event that is both the sight and the act is judged as the act first: it needs an earlier sight. */
function after(rule: RuleOf<'after'>, automaton: AutomatonState | undefined, event: TraceEvent, step: number): Move {
  const seen = automaton && 'since' in automaton ? automaton : undefined;
  const violated = seen && rule.never(event) ? [[seen.since, step]] : [];
  if (rule.until?.(event)) return { automaton: undefined, violated };
  return { automaton: seen ?? (rule.seen(event) ? { since: step } : undefined), violated };
}

/** Counting starts again after each violation: 3k calls over a limit of 2 are k violations, not 3k - 2. */
function atMost(
  spec: CompiledSpec,
  rule: RuleOf<'at_most'>,
  automaton: AutomatonState | undefined,
  event: TraceEvent,
  step: number,
): Move {
  const counts = automaton && 'counts' in automaton ? automaton.counts : [];
  if (!rule.of(event)) return { automaton: automaton, violated: [] };
  const byKey = new Map(counts);
  const violated: number[][] = [];
  for (const key of rule.key?.(event) ?? ONE_KEY) {
    const hashed = hash7(key);
    const steps = [...(byKey.get(hashed) ?? []), step];
    byKey.delete(hashed);
    if (steps.length > rule.times) violated.push([...new Set(steps)]);
    else byKey.set(hashed, steps);
  }
  return { automaton: { counts: [...byKey].slice(-spec.capacity) }, violated };
}

/** What was triggered in step s must be met in a later event, at the latest in step s + `steps`, or before the final answer. */
function within(
  spec: CompiledSpec,
  rule: RuleOf<'within'>,
  automaton: AutomatonState | undefined,
  event: TraceEvent,
  step: number,
): Move {
  let open = automaton && 'open' in automaton ? automaton.open : [];
  if (open.length > 0 && rule.expect(event)) {
    const met = new Set((rule.key?.(event) ?? ONE_KEY).map(hash7));
    open = open.filter(([key]) => !met.has(key));
  }
  const ended = event.final_answer !== '';
  const late = open.filter(
    ([, since]) => ended || step > since + rule.steps || (event.kind === 'turn' && step === since + rule.steps),
  );
  open = open.filter((obligation) => !late.includes(obligation));
  if (rule.trigger(event) && !ended) {
    const keys = (rule.key?.(event) ?? ONE_KEY).map(hash7).filter((key) => !open.some(([known]) => known === key));
    open = [...open, ...keys.map((key): [string, number] => [key, step])].slice(-spec.capacity);
  }
  return {
    automaton: open.length > 0 ? { open } : undefined,
    violated: late.map(([, since]) => [...new Set([since, step])]),
  };
}
