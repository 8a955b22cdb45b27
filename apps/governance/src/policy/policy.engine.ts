import { digestOf, isAppError } from '#kernel';
import { checkBundle, type CheckedBundle } from './bundle-check.js';
import { type Cedar, newCedar } from './cedar.js';
import { type CedarQuestion, requestProblems, toCedar } from './policy-request.rules.js';
import { guardedBeside, isAnyOf } from './path-class.rules.js';
import { decideTier, reasonsFor } from './policy-tier.rules.js';
import { bundleInvalid } from './policy.errors.js';
import type { PolicyAlarm, PolicyAnswer, PolicyBundle, PolicyDecision, PolicyRequest } from './policy.types.js';

export interface PolicyEngineOptions {
  /** Told of everything a person should look at. What it throws is dropped: a decision never depends on it. */
  alarm?: (alarm: PolicyAlarm) => void;
  /** Makes an engine; a crashed one is thrown away and the next one asked for. */
  cedar?: () => Cedar;
}

/**
 * Parsed policies stay in the engine for its life under the id they were given, so two ids per slice alternate: the
 * bundle in force keeps one while the next one is loaded into the other.
 */
type Slot = 0 | 1;

interface InForce extends CheckedBundle {
  bundle: PolicyBundle;
  slot: Slot;
}

const schemaId = (slot: Slot): string => `schema:${slot}`;
const sliceId = (action: string, slot: Slot): string => `slice:${action}:${slot}`;

/** A request without canonical JSON is denied, and needs a digest all the same. */
const UNREADABLE = digestOf(null);

/**
 * Decides what agents may do. Fails closed: a request that does not fit, a policy that fails and an engine that throws
 * are denials, never exceptions.
 */
export class PolicyEngine {
  private cedar?: Cedar;

  private constructor(
    private readonly makeCedar: () => Cedar,
    private readonly alarm: (alarm: PolicyAlarm) => void,
    private inForce: InForce,
  ) {}

  /** @throws AppError `policy.bundle_invalid`, located. */
  static load(bundle: PolicyBundle, { alarm = () => {}, cedar = newCedar }: PolicyEngineOptions = {}): PolicyEngine {
    const engine = cedar();
    const policies = new PolicyEngine(cedar, alarm, prepare(engine, bundle, 0));
    policies.cedar = engine;
    return policies;
  }

  /** Patterns of paths that a decision about these paths does not cover. */
  guardedBeside(paths: readonly string[]): string[] {
    return guardedBeside(paths, this.inForce.bundle.path_classes);
  }

  /** Whether a path belongs to a class whose content the world outside should not get to know. */
  isSensitive(paths: readonly string[]): boolean {
    const { sensitive, path_classes } = this.inForce.bundle;
    return isAnyOf(paths, sensitive, path_classes);
  }

  get epoch(): number {
    return this.inForce.bundle.epoch;
  }

  get bundle(): PolicyBundle {
    return this.inForce.bundle;
  }

  /** Policy id -> its sentence for people. */
  get sentences(): ReadonlyMap<string, string> {
    return this.inForce.sentences;
  }

  /**
   * Puts another bundle in force, between two decisions. On any error the one in force stays.
   * @throws AppError `policy.bundle_invalid`, located.
   */
  swap(bundle: PolicyBundle): void {
    if (bundle.epoch <= this.epoch)
      throw bundleInvalid([{ message: `epoch ${bundle.epoch} is not after ${this.epoch}` }]);
    const cedar = this.cedar ?? this.revive();
    try {
      this.inForce = prepare(cedar, bundle, this.inForce.slot === 0 ? 1 : 0);
    } catch (error) {
      // Text that crashed the engine must not take the bundle in force with it.
      this.cedar = undefined;
      throw error;
    }
  }

  /** Never throws. `risk` etc. as in PolicyRequest; the same request under the same epoch gives the same decision. */
  decide(request: PolicyRequest): PolicyDecision {
    return this.answer(request).decision;
  }

  /**
   * The denial that no other policy could lift: a forbid, or whatever failed. Null when there is none; that no permit
   * applies is none. Never throws.
   */
  veto(request: PolicyRequest): PolicyDecision | null {
    const { decision, unmatched } = this.answer(request);
    return decision.decision === 'deny' && !unmatched ? decision : null;
  }

  /** `unmatched`: denied only because no permit applies. */
  private answer(request: PolicyRequest): { decision: PolicyDecision; unmatched: boolean } {
    let input_digest = UNREADABLE;
    const deny = (reason: string): { decision: PolicyDecision; unmatched: boolean } => ({
      decision: {
        decision: 'deny',
        tier_needed: null,
        determining_policies: [],
        policy_epoch: this.epoch,
        input_digest,
        reasons: [reason],
      },
      unmatched: false,
    });
    try {
      input_digest = digestOf(request);
      const [problem] = requestProblems(request);
      if (problem) {
        const message = `${problem.path} ${problem.message}`;
        this.raise({ kind: 'request_refused', message, policies: [], input_digest });
        return deny(`The request does not fit the policy schema: ${message}.`);
      }
      return this.judge(request, input_digest);
    } catch (error) {
      const message = isAppError(error) || error instanceof Error ? error.message : String(error);
      if (isAppError(error) && error.code === 'json.not_canonical') {
        this.raise({ kind: 'request_refused', message, policies: [], input_digest });
        return deny(`The request cannot be digested: ${message}`);
      }
      this.cedar = undefined;
      this.raise({ kind: 'engine_replaced', message, policies: [], input_digest });
      return deny('The policy engine failed, so nothing is allowed.');
    }
  }

  private judge(request: PolicyRequest, input_digest: string): { decision: PolicyDecision; unmatched: boolean } {
    const { bundle, slices, sentences } = this.inForce;
    const tool = request.tool.name;
    const { approvers } = request.approvals;
    const known = slices.has(tool);
    const question = toCedar(request, bundle.path_classes);
    const judged = decideTier(approvers, (count) =>
      known ? this.ask(question, count) : { kind: 'unmatched', policies: [] },
    );
    const { answer } = judged;
    if (answer.kind === 'failed' || answer.kind === 'invalid') {
      const kind = answer.kind === 'failed' ? 'policy_error' : 'request_refused';
      this.raise({ kind, message: answer.message, policies: answer.policies, input_digest });
    }
    const decision: PolicyDecision = {
      decision: judged.decision,
      tier_needed: judged.tier,
      determining_policies: answer.policies,
      policy_epoch: bundle.epoch,
      input_digest,
      reasons: reasonsFor(judged, tool, approvers, sentences),
    };
    return { decision, unmatched: answer.kind === 'unmatched' };
  }

  private ask({ context, ...question }: CedarQuestion, approvers: number): PolicyAnswer {
    const { slot } = this.inForce;
    const cedar = this.cedar ?? this.revive();
    const answer = cedar.statefulIsAuthorized({
      ...question,
      context: context(approvers),
      preparsedSchemaName: schemaId(slot),
      preparsedPolicySetId: sliceId(question.action.id, slot),
      validateRequest: true,
    });
    if (answer.type === 'failure') {
      return { kind: 'invalid', policies: [], message: answer.errors.map(({ message }) => message).join('; ') };
    }
    const { decision, diagnostics } = answer.response;
    if (diagnostics.errors.length > 0) {
      // Cedar skips a policy that fails: a forbid would be lost, and the answer be allow.
      const policies = diagnostics.errors.map(({ policyId }) => policyId).sort();
      return { kind: 'failed', policies, message: diagnostics.errors.map(({ error }) => error.message).join('; ') };
    }
    const policies = [...diagnostics.reason].sort();
    if (decision === 'allow') return { kind: 'allowed', policies };
    return policies.length > 0 ? { kind: 'forbidden', policies } : { kind: 'unmatched', policies: [] };
  }

  private raise(alarm: PolicyAlarm): void {
    try {
      this.alarm(alarm);
    } catch {
      // The denial that goes with every alarm stands without it.
    }
  }

  /** A new engine with the bundle in force. */
  private revive(): Cedar {
    const cedar = this.makeCedar();
    this.inForce = prepare(cedar, this.inForce.bundle, this.inForce.slot);
    this.cedar = cedar;
    return cedar;
  }
}

function prepare(cedar: Cedar, bundle: PolicyBundle, slot: Slot): InForce {
  let checked;
  try {
    checked = checkBundle(cedar, bundle);
    if (!('problems' in checked)) preparse(cedar, bundle, checked, slot);
  } catch (error) {
    throw isAppError(error) ? error : bundleInvalid([{ message: 'the policy engine crashed on it' }], error);
  }
  if ('problems' in checked) throw bundleInvalid(checked.problems);
  return { ...checked, bundle, slot };
}

function preparse(cedar: Cedar, { policies, schema }: PolicyBundle, { slices }: CheckedBundle, slot: Slot): void {
  const answers = [cedar.preparseSchema(schemaId(slot), schema)];
  for (const [action, ids] of slices) {
    const staticPolicies = Object.fromEntries(ids.map((id) => [id, policies[id] ?? '']));
    answers.push(cedar.preparsePolicySet(sliceId(action, slot), { staticPolicies }));
  }
  const errors = answers.flatMap((answer) => (answer.type === 'failure' ? answer.errors : []));
  if (errors.length > 0) throw bundleInvalid(errors.map(({ message }) => ({ message })));
}
