import { AppError } from '#kernel';
import type { BundleFiles } from './bundle-file.rules.js';
import { PolicyEngine } from './policy.engine.js';
import type { PolicyAlarm, PolicyBundle, PolicyDecision, PolicyRequest } from './policy.types.js';

/** A replica that could not ask for so long which epoch is in force no longer knows what it may allow. */
const CONFIRMED_FOR_MS = 10_000;

const decided = (request: PolicyRequest, engine: PolicyEngine, house: PolicyEngine): PolicyDecision => {
  const decision = engine.decide(request);
  if (decision.decision === 'deny') return decision;
  const veto = house.veto(request);
  return veto ? { ...veto, policy_epoch: decision.policy_epoch, input_digest: decision.input_digest } : decision;
};

/** How a team's own bundle decides: what the shipped one forbids stays forbidden, whatever the team's permits. */
export const underHouse =
  (engine: PolicyEngine, house: PolicyEngine) =>
  (request: PolicyRequest): PolicyDecision =>
    decided(request, engine, house);

/**
 * Every bundle in force in this process: the shipped one, and those of the teams that have published one. A team whose
 * bundle could not be verified has neither: it is denied everything.
 */
export class PolicyBook {
  private readonly teams = new Map<string, PolicyEngine>();
  private readonly distrusted = new Map<string, string>();
  private confirmedAtMs: number | null = null;

  constructor(
    readonly house: PolicyEngine,
    readonly houseFiles: BundleFiles,
    private readonly alarm: (alarm: PolicyAlarm) => void = () => {},
  ) {}

  /** Of the shipped bundle. */
  get epoch(): number {
    return this.house.epoch;
  }

  /** The engine of a team's own bundle; null: it has none, so the shipped one decides. */
  ofTeam(team: string): PolicyEngine | null {
    return this.teams.get(team) ?? null;
  }

  /** Null for a team whose bundle is not trusted here. */
  epochOf(team: string): number | null {
    return this.distrusted.has(team) ? null : (this.teams.get(team) ?? this.house).epoch;
  }

  guardedBeside(team: string, paths: readonly string[]): string[] {
    return (this.teams.get(team) ?? this.house).guardedBeside(paths);
  }

  /** By the shipped classes, too: no bundle of a team makes them less sensitive. */
  isSensitive(team: string, paths: readonly string[]): boolean {
    return this.house.isSensitive(paths) || (this.teams.get(team)?.isSensitive(paths) ?? false);
  }

  /** Never throws. */
  decide(request: PolicyRequest): PolicyDecision {
    const team = request?.team;
    const why = this.distrusted.get(team);
    if (why !== undefined) return this.deny(request, why);
    const own = this.teams.get(team);
    return own ? decided(request, own, this.house) : this.house.decide(request);
  }

  /**
   * Puts a team's bundle in force, between two decisions. On any error the one in force stays.
   * @throws AppError `policy.bundle_invalid`
   */
  put(team: string, bundle: PolicyBundle): void {
    const own = this.teams.get(team);
    if (own) own.swap(bundle);
    else this.teams.set(team, PolicyEngine.load(bundle, { alarm: this.alarm }));
    this.distrusted.delete(team);
  }

  /** A team's bundle in force cannot be had here; an older one that can stays in force, without one nothing is allowed. */
  distrust(team: string, why: string): void {
    if (!this.teams.has(team)) this.distrusted.set(team, why);
  }

  /** It is known which epochs are in force, as of `nowMs` on a monotonic clock. */
  confirm(nowMs: number): void {
    this.confirmedAtMs = nowMs;
  }

  /**
   * Before a decision that somebody acts upon: this process heard lately which bundles are in force.
   * @throws AppError `policy.unconfirmed`, retryable
   */
  assertConfirmed(nowMs: number): void {
    if (this.confirmedAtMs === null || nowMs - this.confirmedAtMs <= CONFIRMED_FOR_MS) return;
    throw new AppError(
      'policy.unconfirmed',
      'Which policies are in force could not be read lately, so nothing is decided.',
      {
        retryable: true,
      },
    );
  }

  private deny(request: PolicyRequest, why: string): PolicyDecision {
    const { input_digest } = this.house.decide(request);
    return {
      decision: 'deny',
      tier_needed: null,
      determining_policies: [],
      policy_epoch: this.house.epoch,
      input_digest,
      reasons: [why],
    };
  }
}
