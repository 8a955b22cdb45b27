import { Bool, Id, Instant, Int, Json, ListOf, Nested, OneOf, Share, Text } from '../fields.js';
import { fact, live, rpc } from '../message.js';
import { PrincipalView } from '../principal.js';

export const KILL_SCOPES = ['all', 'team', 'agent', 'tool'] as const;
export type KillScope = (typeof KILL_SCOPES)[number];

export const KILL_STATUSES = ['engaged', 'releasing', 'released'] as const;
export type KillStatus = (typeof KILL_STATUSES)[number];

export class EngageKillSwitch {
  @OneOf(KILL_SCOPES, { doc: 'all: every team of the installation, for an installation admin alone.' })
  scope!: KillScope;

  @Id({
    optional: true,
    doc: "Whose runs, of every scope but all; default the caller's team, another needs an installation admin.",
  })
  team_id?: string;

  @Text({
    optional: true,
    min: 1,
    max: 200,
    doc: 'Of scope agent: whatever runs as it, and every run of the playbook of that name, whatever agent it runs as.',
  })
  agent_id?: string;

  @Text({
    optional: true,
    max: 100,
    pattern: /^[a-z][a-z0-9_.-]{0,79}(@v[1-9]\d{0,8})?$/,
    doc: 'Of scope tool: `shell.run` for all its versions, `shell.run@v1` for one.',
  })
  tool?: string;

  @Text({ min: 1, max: 1_000, doc: 'Why, in words that can be seen; whoever is refused reads it.' }) reason!: string;

  @Bool({ optional: true, doc: 'Blocks and cancels nothing; reports what would be stopped, and is over then.' })
  rehearsal?: boolean;
}

export class ReleaseKillSwitch {
  @Id() id!: string;
  @Id({ optional: true, doc: "Whose it is; default the caller's team, another needs an installation admin." })
  team_id?: string;
  @Text({ optional: true, min: 1, max: 1_000, doc: 'Why, in words.' }) reason?: string;
}

export class ListKillSwitches {
  @OneOf(KILL_STATUSES, { optional: true, doc: 'Default: those that are not released.' }) status?: KillStatus;
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Text({ optional: true, max: 200, doc: '`next_cursor` of the page before.' }) cursor?: string;
}

/** What is in the way of being stopped, or in a rehearsal what would be. */
export class KillCount {
  @Int({ doc: 'Executions that have begun, or wait, and have not ended.' }) executions!: number;
  @Int({ doc: 'Approvals nobody has answered.' }) approvals!: number;
}

export class ExecutorCount {
  @Int({ doc: 'Executor processes that were heard of in the last seconds.' }) alive!: number;
  @Int({ doc: 'Those of them that refuse by this switch already.' }) acknowledged!: number;
}

export class KillSwitchView {
  @Id() id!: string;
  @OneOf(KILL_SCOPES) scope!: KillScope;
  @Id({ optional: true, doc: 'Null: every team.' }) team_id!: string | null;
  @Text({ optional: true }) agent_id!: string | null;
  @Text({ optional: true }) tool!: string | null;
  @OneOf(KILL_STATUSES) status!: KillStatus;
  @Bool() rehearsal!: boolean;
  @Text() reason!: string;
  @Share({ doc: 'Share of runs that are let in: 0 while engaged, then by stages up to 1.' }) admitted_share!: number;
  @Int({ doc: 'Number of the change that engaged it.' }) epoch!: number;
  @Nested(() => PrincipalView) requested_by!: PrincipalView;
  @Instant() requested_at!: string;
  @Instant({ optional: true, doc: 'Since when every executor refuses and nothing of its scope is left.' })
  confirmed_at!: string | null;
  @Nested(() => PrincipalView, { optional: true }) released_by!: PrincipalView | null;
  @Instant({ optional: true, doc: 'When its release was asked for.' }) released_at!: string | null;
  @Nested(() => ExecutorCount) executors!: ExecutorCount;
  @Nested(() => KillCount, { doc: 'What is still stopping; of a rehearsal, what would be stopped.' })
  stopping!: KillCount;
  @Text({
    optional: true,
    doc: 'In a sentence: nobody has seen such an agent or tool in this team, so its name may be misspelt. It is stopped all the same. Null: nothing to warn of.',
  })
  warning?: string | null;
}

export class KillSwitchPage {
  @Int({ doc: 'Number of the last change of any switch.' }) epoch!: number;
  @ListOf(() => KillSwitchView) items!: KillSwitchView[];
  @Text({ optional: true, doc: 'Null on the last page.' }) next_cursor!: string | null;
}

/** A switch as whoever obeys it needs it. */
export class KillOrder {
  @Id() id!: string;
  @OneOf(KILL_SCOPES) scope!: KillScope;
  @Id({ optional: true, doc: 'Null: every team.' }) team!: string | null;
  @Text({ max: 200, doc: 'Agent (and the playbook of that name) or tool; empty for the scopes all and team.' })
  target!: string;
  @OneOf(['engaged', 'releasing']) status!: 'engaged' | 'releasing';
  @Bool() rehearsal!: boolean;
  @Share() admitted_share!: number;
  @Int() epoch!: number;
  @Text() reason!: string;
  @Nested(() => PrincipalView) requested_by!: PrincipalView;
}

/** Every switch that is not released, of every team, as of one moment. */
export class KillState {
  @Int({ doc: 'Grows by one with every change; a lower one is older.' }) epoch!: number;
  @ListOf(() => KillOrder) orders!: KillOrder[];
}

/** What an executor process says of itself, twice a second. */
export class ReportExecutor {
  @Id({ doc: 'The process; new with every start.' }) replica!: string;
  @Int({ doc: 'The state it obeys; 0 before it knows one.' }) epoch!: number;
  @Json({ doc: 'Switch id -> executions of its scope that have not ended, as of that state.' })
  stopping!: Record<string, number>;
}

export class KillStateAnswer {
  @Int() epoch!: number;
  @Nested(() => KillState, { optional: true, doc: 'Null: the reported epoch is the newest.' }) state!: KillState | null;
}

/** Somebody asked for a stop; from here on admission is blocked. Of a rehearsal nothing is. */
export class KillRequested {
  @Id() kill_switch_id!: string;
  @OneOf(KILL_SCOPES) scope!: KillScope;
  @Text({ max: 200, doc: 'Agent or tool; empty for the scopes all and team.' }) target!: string;
  @Bool() rehearsal!: boolean;
  @Text() reason!: string;
  @Int() epoch!: number;
}

/** Every executor refuses, and nothing of the scope is left running or waiting. */
export class KillConfirmed {
  @Id() kill_switch_id!: string;
  @Bool() rehearsal!: boolean;
  @Int({ doc: 'Executor processes that had acknowledged it.' }) executors!: number;
  @Nested(() => KillCount, { optional: true, doc: 'Of a rehearsal: what would have been stopped.' })
  would_stop!: KillCount | null;
}

/** Everything is let in again. */
export class KillReleased {
  @Id() kill_switch_id!: string;
  @Bool() rehearsal!: boolean;
}

export const killSwitch = {
  /** Answers once every executor refuses, or after 400 ms. */
  engage: rpc('governance.kill_switch.engage.v1', EngageKillSwitch, KillSwitchView),
  /** Begins the staged release. */
  release: rpc('governance.kill_switch.release.v1', ReleaseKillSwitch, KillSwitchView),
  list: rpc('governance.kill_switch.list.v1', ListKillSwitches, KillSwitchPage),
  /** For executors: tells what they obey, and learns what to obey. */
  report: rpc('governance.kill_switch.report.v1', ReportExecutor, KillStateAnswer),
} as const;

export const killRequested = fact('governance.kill.requested.v1', KillRequested);
export const killConfirmed = fact('governance.kill.confirmed.v1', KillConfirmed);
export const killReleased = fact('governance.kill.released.v1', KillReleased);

/** The token of what is shown of all teams at once. */
export const EVERY_TEAM = 'every_team';
/** The state after every change of it, on the token `EVERY_TEAM`. */
export const killStateChanged = live('governance.kill_switch.changed.v1', KillState);
