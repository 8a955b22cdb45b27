import { type CallContext, governance } from '#contracts';
import { isAppError, uuidv7 } from '#kernel';
import { type RunningService, startService } from '#service';
import { Chance, openTestPlatform, person, type TestPlatform } from '#testing';
import pg from 'pg';
import { governance as definition } from '../src/definition.js';
import { approver, deletion, runContext } from './asked.js';
import { openQuestions, type Questions } from './questions.js';

const { action, approval } = governance;
const INSTANCES = 2;
const PEOPLE = 12;
/** Approvals that are asked for, and attempted at, together. */
const BATCH = 50;
/** Deadlines that come while the attempts are under way. */
const DEADLINE_MS = { low: 1, high: 120 };
/** Hundreds of calls wait for each other; whoever asks has all the time there is. */
const PATIENT = { timeoutMs: 60_000 };

export interface RaceOptions {
  approvals: number;
  /** Votes and claims on each. */
  attempts: number;
  seed: number;
  say?: (line: string) => void;
}

/** What was done, and what must never have been. */
export interface RaceTally {
  approvals: number;
  attempts: number;
  granted: number;
  foreignClaims: number;
  lateDecisions: number;
  selfApprovals: number;
  missingApprovers: number;
  lostClaims: number;
  doubleEnds: number;
  odd: string[];
}

interface Raced {
  id: string;
  request: governance.DecideAction;
  /** The person behind the run, who tries to answer like everybody else. */
  behind: CallContext;
  claims: governance.ApprovalClaim[];
}

interface Row {
  id: string;
  status: governance.ApprovalStatus;
  tier_needed: number;
  on_behalf_of: { id: string };
  /** Compared by the database, whose clock they are of. */
  decided_late: boolean;
  claimed_late: boolean;
  voted_late: boolean;
  voters: string[];
  ends: string[];
}

/** Codes that say no to an attempt that came at the wrong moment, by the wrong person or for the wrong action. */
const REFUSALS =
  /^approval\.(self_approval|already_voted|not_pending|expired|pending|rejected|changed|claimed|denied_now|withdrawn)$/;

/**
 * Votes and claims by everybody at once, over two instances of the service: by people who may, by the requester, for the
 * right key, for other keys and other arguments, repeated under one key, around the deadline and after it.
 */
export const raceApprovals = async ({ approvals, attempts, seed, say }: RaceOptions): Promise<RaceTally> => {
  const platform = await openTestPlatform([definition]);
  const race = new Race(platform, new Chance(seed));
  try {
    await race.open();
    for (let begun = 0; begun < approvals; begun += BATCH) {
      await race.round(Math.min(BATCH, approvals - begun), attempts);
      say?.(`${Math.min(begun + BATCH, approvals)} approvals, ${race.tally.attempts} attempts`);
    }
    return await race.judge();
  } finally {
    await race.close();
    await platform.close();
  }
};

class Race {
  readonly tally: RaceTally = {
    approvals: 0,
    attempts: 0,
    granted: 0,
    foreignClaims: 0,
    lateDecisions: 0,
    selfApprovals: 0,
    missingApprovers: 0,
    lostClaims: 0,
    doubleEnds: 0,
    odd: [],
  };
  private readonly team = uuidv7();
  private readonly people = Array.from({ length: PEOPLE }, (_, i) => approver(this.team, person(`person-${i}`)));
  private readonly raced: Raced[] = [];
  private instances: RunningService[] = [];
  private bus: Questions | null = null;
  private readonly admin: pg.Client;

  constructor(
    private readonly platform: TestPlatform,
    private readonly chance: Chance,
  ) {
    this.admin = new pg.Client({ connectionString: platform.databaseUrl });
  }

  async open(): Promise<void> {
    await this.admin.connect();
    this.instances = await Promise.all(
      Array.from({ length: INSTANCES }, () => startService(definition, this.platform)),
    );
    this.bus = await openQuestions(this.platform);
  }

  async close(): Promise<void> {
    await this.bus?.close();
    await Promise.all(this.instances.map((instance) => instance.close()));
    await this.admin.end();
  }

  /** So many approvals with so many attempts on each, all at once and in no order. */
  async round(count: number, attempts: number): Promise<void> {
    const raced = await Promise.all(Array.from({ length: count }, () => this.ask()));
    for (const { id } of raced) await this.shorten(id);
    const all = raced.flatMap((one) => Array.from({ length: attempts }, () => this.attempt(one)));
    await Promise.all(this.chance.shuffled(all).map((attempt) => attempt()));
    this.raced.push(...raced);
    this.tally.approvals += count;
    this.tally.attempts += all.length;
  }

  private async ask(): Promise<Raced> {
    const behind = this.any(this.people);
    const request = deletion(this.chance.next() < 0.3 ? { paths: ['.git/config'] } : {});
    const ctx = runContext(this.team, behind.principal);
    const { approval_id } = await this.bus!.call(ctx, action.decide, request, PATIENT);
    return { id: approval_id!, request, behind, claims: [] };
  }

  /** Every other one ends in the middle of it all. */
  private async shorten(id: string): Promise<void> {
    if (this.chance.next() < 0.5) return;
    const ms = this.chance.between(DEADLINE_MS.low, DEADLINE_MS.high);
    await this.admin.query(
      `UPDATE governance.approval SET expires_at = clock_timestamp() + $2 * interval '1 millisecond' WHERE id = $1`,
      [id, ms],
    );
  }

  private attempt(raced: Raced): () => Promise<void> {
    const dice = this.chance.next();
    if (dice < 0.1) return this.vote(raced, raced.behind, 'approve');
    if (dice < 0.45) return this.vote(raced, this.any(this.people), 'approve');
    if (dice < 0.5) return this.vote(raced, this.any(this.people), 'reject');
    if (dice < 0.8) return this.claim(raced, raced.request, true);
    if (dice < 0.9) return this.claim(raced, { ...raced.request, step: raced.request.step + 1 }, false);
    return this.claim(raced, { ...raced.request, digest: deletion({ paths: ['data/orders.db'] }).digest }, false);
  }

  /** Every other one goes out twice under its key, as somebody whose answer was lost sends it. */
  private vote({ id }: Raced, who: CallContext, decision: 'approve' | 'reject'): () => Promise<void> {
    const ctx = { ...who, idempotency_key: uuidv7() };
    const times = this.chance.next() < 0.5 ? 2 : 1;
    const send = (): Promise<string> =>
      this.bus!.call(ctx, approval.decide, { id, decision, reason: 'raced' }, PATIENT).then(
        (view) => JSON.stringify(view),
        (error: unknown) => this.refused(error),
      );
    return async () => {
      const answers = await Promise.all(Array.from({ length: times }, send));
      if (new Set(answers).size > 1) this.tally.odd.push(`two answers under one key: ${answers.join(' / ')}`);
    };
  }

  private claim(raced: Raced, request: governance.DecideAction, isOwn: boolean): () => Promise<void> {
    return async () => {
      try {
        const claim = await this.bus!.call(runContext(this.team), approval.claim, { id: raced.id, request }, PATIENT);
        if (isOwn) raced.claims.push(claim);
        else this.tally.foreignClaims += 1;
      } catch (error) {
        this.refused(error);
      }
    };
  }

  private refused(error: unknown): string {
    const code = isAppError(error) ? error.code : String(error);
    if (!REFUSALS.test(code)) this.tally.odd.push(code);
    return code;
  }

  private any<T>(items: readonly T[]): T {
    return items[Math.floor(this.chance.next() * items.length)]!;
  }

  async judge(): Promise<RaceTally> {
    const { rows } = await this.admin.query<Row>(
      `SELECT approval.id, status, tier_needed, on_behalf_of,
         status IN ('approved', 'rejected', 'claimed') AND decided_at >= expires_at AS decided_late,
         coalesce(claimed_at >= expires_at, false) AS claimed_late,
         EXISTS (SELECT FROM governance.vote WHERE approval_id = approval.id AND vote.at >= expires_at) AS voted_late,
         ARRAY(SELECT user_id::text FROM governance.vote WHERE approval_id = approval.id AND decision = 'approve') AS voters,
         ARRAY(SELECT body->>'status' FROM governance.fact WHERE aggregate_id = approval.id
           AND type = 'governance.approval.decided.v1' ORDER BY version) AS ends
       FROM governance.approval`,
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const raced of this.raced) await this.judgeOne(raced, byId.get(raced.id)!);
    return this.tally;
  }

  private async judgeOne({ id, request, claims }: Raced, row: Row): Promise<void> {
    const { tally } = this;
    if (row.decided_late || row.claimed_late || row.voted_late) tally.lateDecisions += 1;
    if (row.voters.includes(row.on_behalf_of.id)) tally.selfApprovals += 1;
    if (claims.length > 0) tally.granted += 1;
    const needed = row.tier_needed - 1;
    if (claims.some(({ approvers }) => new Set(approvers.map((who) => who.id)).size < needed)) {
      tally.missingApprovers += 1;
    }
    if (!ENDS.includes(row.ends.join(' '))) tally.doubleEnds += 1;
    if ((row.status === 'claimed') !== claims.length > 0)
      tally.odd.push(`${id} is ${row.status}, ${claims.length} claims`);
    if (claims.length > 0) await this.repeat(id, request, claims);
  }

  /** Whoever crashed between a claim and what it was for claims again, long after the deadline, and gets the same. */
  private async repeat(
    id: string,
    request: governance.DecideAction,
    claims: governance.ApprovalClaim[],
  ): Promise<void> {
    const again = await this.bus!.call(runContext(this.team), approval.claim, { id, request }, PATIENT).catch(
      () => null,
    );
    const same = new Set([...claims, again].map((claim) => JSON.stringify(claim)));
    if (same.size !== 1) this.tally.lostClaims += 1;
  }
}

/** What the facts of one approval may tell of its end, in order. */
const ENDS = ['', 'approved', 'rejected', 'expired', 'approved expired'];

export const raceLine = (tally: RaceTally): string =>
  [
    `approvals ${tally.approvals}, attempts ${tally.attempts}`,
    `claims by other keys ${tally.foreignClaims}`,
    `decisions after the deadline ${tally.lateDecisions}`,
    `self-approvals ${tally.selfApprovals}`,
    `too few approvers ${tally.missingApprovers}`,
    `claims lost ${tally.lostClaims}`,
    `ends told twice ${tally.doubleEnds}`,
  ].join(', ');

export const isFair = (tally: RaceTally): boolean =>
  tally.foreignClaims +
    tally.lateDecisions +
    tally.selfApprovals +
    tally.missingApprovers +
    tally.lostClaims +
    tally.doubleEnds +
    tally.odd.length ===
  0;
