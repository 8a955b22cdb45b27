import { Bool, Digest, Id, Instant, Int, Json, ListOf, Nested, OneOf, Text, Texts } from '../fields.js';
import { fact, rpc } from '../message.js';
import { PrincipalView } from '../principal.js';
import { Vote } from './approval.js';

export const POLICY_STATUSES = [
  'draft',
  'awaiting_approval',
  'published',
  'rejected',
  'superseded',
  'expired',
] as const;
export type PolicyStatus = (typeof POLICY_STATUSES)[number];

export class PolicyRef {
  @Id({ doc: 'One bundle, as it was written; its content never changes.' }) policy_id!: string;
}

export class DraftPolicy {
  @Json({
    doc: 'The whole bundle, path -> text: schema.cedarschema, path-classes.yaml, *.cedar, tests/*.yaml; 256 KiB together.',
  })
  files!: Record<string, string>;
  @Int({ optional: true, min: 1, max: 2_147_483_647, doc: 'The epoch it was written from; default the one in force.' })
  based_on?: number;
  @Text({ optional: true, max: 2_000, doc: 'What changes and why, for those who approve it.' }) note?: string;
}

export class ListPolicies {
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Text({ optional: true, max: 200 }) cursor?: string;
}

export class VoteOnPolicy extends PolicyRef {
  @OneOf(['approve', 'reject']) decision!: 'approve' | 'reject';
  @Text({ optional: true, max: 2_000, doc: 'Required to reject.' }) reason?: string;
}

export class RollBackPolicy extends PolicyRef {
  @Text({ min: 1, max: 2_000, doc: 'Why the old content has to come back.' }) reason!: string;
}

export class PolicyProblem {
  @Text({ doc: '`<file>:<line>`; empty: the bundle as a whole.' }) path!: string;
  @Text() message!: string;
}

export class PolicyCheck {
  @Bool({ doc: 'No problem, and every test came out as written.' }) ok!: boolean;
  @ListOf(() => PolicyProblem, { doc: 'Why it cannot be put in force, tests that fail included.' })
  problems!: PolicyProblem[];
  @Int() tests_passed!: number;
  @Int() tests_failed!: number;
  @Int() policies!: number;
  @Digest({ optional: true, doc: 'Of what decides; null when it cannot be read.' }) digest!: string | null;
  @Digest({ doc: 'The shipped bundle it was checked beside.' }) house_digest!: string;
  @Instant() at!: string;
}

export class FlipCount {
  @Text({ doc: '`allow`, `ask 2`, `ask 3` or `deny`.' }) from!: string;
  @Text() to!: string;
  @Int() count!: number;
}

/** One recorded action that would be decided otherwise. */
export class PolicyFlip {
  @Id() execution_id!: string;
  @Int() step!: number;
  @Int() index!: number;
  @Instant({ doc: 'When it was decided.' }) at!: string;
  @Text({ doc: 'The action in one line.' }) summary!: string;
  @Text({ doc: '`allow`, `ask 2`, `ask 3` or `deny`, by the bundle in force.' }) from!: string;
  @Text({ doc: 'The same, by this one.' }) to!: string;
  @Texts({ doc: 'Policies that determine one decision and not the other; empty: no policy allows it any more.' })
  policies!: string[];
  @Text({ optional: true, doc: `\`<name>@v<n>\`; absent, like the two below, of an older replay.` }) tool?:
    string | null;
  @Texts({ optional: true, doc: 'Policies that determine the decision of the bundle in force.' })
  from_policies?: string[] | null;
  @Texts({ optional: true, doc: 'The same, of this one.' }) to_policies?: string[] | null;
  @Texts() reasons!: string[];
}

export class PolicyShadow {
  @Int({ doc: 'The epoch it is compared with.' }) against!: number;
  @Int({ doc: 'Recorded inputs replayed, the newest 10,000 at most.' }) replayed!: number;
  @Int({ doc: 'Of those: recorded with only the first of their paths.' }) inexact!: number;
  @Int() flipped!: number;
  @ListOf(() => FlipCount) kinds!: FlipCount[];
  @ListOf(() => PolicyFlip, { doc: 'The newest 100.' }) flips!: PolicyFlip[];
  @Int({ doc: 'Milliseconds.' }) duration_ms!: number;
  @Instant() at!: string;
}

export class PolicySummary {
  @Id() id!: string;
  @OneOf(POLICY_STATUSES) status!: PolicyStatus;
  @Digest({ doc: 'Of its files.' }) files_digest!: string;
  @Text({ optional: true }) note!: string | null;
  @Int() based_on!: number;
  @Int({ optional: true, doc: 'Once published.' }) epoch!: number | null;
  @Int({ optional: true, doc: 'Of a rollback: the epoch whose content it brings back.' }) returns_to!: number | null;
  @Nested(() => PrincipalView) author!: PrincipalView;
  @Instant() created_at!: string;
  @Instant({ optional: true, doc: 'An unanswered request to publish is a no from then on.' }) expires_at!:
    string | null;
  @Instant({ optional: true }) published_at!: string | null;
}

export class PolicyView extends PolicySummary {
  @Json() files!: Record<string, string>;
  @Nested(() => PolicyCheck, { optional: true }) check!: PolicyCheck | null;
  @Nested(() => PolicyShadow, { optional: true }) shadow!: PolicyShadow | null;
  @ListOf(() => Vote) votes!: Vote[];
  @Int({ doc: 'Different people who must approve, the author not among them.' }) approvers_needed!: number;
  @Text({ optional: true, doc: 'Ed25519, base64.' }) signature!: string | null;
  @Text({ optional: true, doc: 'Which key signed.' }) key_id!: string | null;
  @Bool({ doc: 'Whether whoever reads this may answer it now.' }) can_decide!: boolean;
  @Text({ optional: true, doc: 'Why not, in a sentence.' }) cannot_decide_because!: string | null;
}

export class PolicyLine {
  @Text() id!: string;
  @Text({ doc: 'What it means.' }) sentence!: string;
  @Text({ doc: '`<file>:<line>`' }) path!: string;
}

/** One governance process and how far it is. */
export class PolicyReplica {
  @Id() id!: string;
  @Int({ doc: 'The epoch it decides under.' }) epoch!: number;
  @Instant({ optional: true, doc: 'When it took that epoch; null: it began with it.' }) acknowledged_at!: string | null;
  @Instant() heartbeat_at!: string;
  @Bool({ doc: 'False: it has not been heard of lately.' }) alive!: boolean;
  @Text({ optional: true, doc: 'Why it did not take the epoch in force.' }) problem!: string | null;
}

export class PolicyOverview {
  @Int() epoch!: number;
  @Digest({ doc: 'Of what decides.' }) digest!: string;
  @Id({ optional: true, doc: 'Null: the shipped bundle is in force.' }) policy_id!: string | null;
  @ListOf(() => PolicyLine) policies!: PolicyLine[];
  @Json({ doc: 'The bundle in force, to begin the next draft with.' }) files!: Record<string, string>;
  @ListOf(() => PolicyReplica) replicas!: PolicyReplica[];
  @ListOf(() => PolicySummary, { doc: 'Drafts and published bundles, newest first.' }) items!: PolicySummary[];
  @Text({ optional: true }) next_cursor!: string | null;
}

/** A bundle is in force from now on. */
export class PolicyPublished {
  @Id() policy_id!: string;
  @Int() epoch!: number;
  @Digest({ doc: 'Of what decides.' }) digest!: string;
  @Digest() files_digest!: string;
  @Text() key_id!: string;
  @Text({ doc: 'Ed25519, base64, over the canonical JSON of {v: 1, team, epoch, digest, files_digest}.' })
  signature!: string;
  @Int({ optional: true }) returns_to!: number | null;
  @Nested(() => PrincipalView) author!: PrincipalView;
  @ListOf(() => PrincipalView) approvers!: PrincipalView[];
}

export const policy = {
  /** The bundle in force, its replicas, and what was written. */
  list: rpc('governance.policy.list.v1', ListPolicies, PolicyOverview),
  get: rpc('governance.policy.get.v1', PolicyRef, PolicyView),
  /** The same files by the same author on the same epoch are one draft. */
  draft: rpc('governance.policy.draft.v1', DraftPolicy, PolicyView),
  validate: rpc('governance.policy.validate.v1', PolicyRef, PolicyView),
  shadow: rpc('governance.policy.shadow.v1', PolicyRef, PolicyView),
  /** Asks people for it; in force once two of them, other than its author, have approved. */
  publish: rpc('governance.policy.publish.v1', PolicyRef, PolicyView),
  decide: rpc('governance.policy.decide.v1', VoteOnPolicy, PolicyView),
  /** Asks for the content of a published bundle under a new epoch; one person other than the caller approves. */
  rollback: rpc('governance.policy.rollback.v1', RollBackPolicy, PolicyView),
} as const;

export const policyPublished = fact('governance.policy.published.v1', PolicyPublished);
