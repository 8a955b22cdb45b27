import { type CallContext, factSubject } from '#contracts';
import { AppError, isUuid } from '#kernel';
import type { JsMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { Heard } from './handles.js';
import { isReadOut } from './senders.js';
import { contextHeaders, contextOf } from './wire.js';

/** A row of the table `fact`, as far as it is told. */
export interface FactRow {
  id: string;
  team_id: string;
  aggregate_id: string;
  version: number;
  previous: Record<string, string>;
  type: string;
  body: object;
  context: CallContext;
  at: Date;
}

/** A fact on its way. */
export interface FactEnvelope extends Heard<object> {
  /** The last fact of every type that the aggregate had before, by type. */
  previous: Record<string, string>;
}

export interface FactMessage {
  heard: FactEnvelope;
  ctx: CallContext;
}

export const toFactMessage = (row: FactRow): { subject: string; data: string; headers: MsgHdrs } => {
  const { id, team_id: team, aggregate_id, version, previous, type, body, context } = row;
  const heard: FactEnvelope = { id, type, team, aggregate_id, version, previous, at: row.at.toISOString(), body };
  return { subject: subjectOf(type), data: JSON.stringify(heard), headers: contextHeaders(context) };
};

export const subjectOf = (type: string): string => factSubject({ subject: type } as never);

/** @throws AppError `fact.unreadable` for what no relay of ours has sent; the body is judged by its own class, later. */
export const fromFactMessage = (message: JsMsg): FactMessage => {
  let heard: Partial<FactEnvelope> | null;
  let ctx: CallContext;
  try {
    heard = message.json<Partial<FactEnvelope> | null>();
    ctx = contextOf(message.headers);
  } catch (cause) {
    throw new AppError('fact.unreadable', 'The fact or its context is not JSON.', { cause });
  }
  if (isReadOut(message.headers)) throw new AppError('fact.unreadable', 'JetStream had the message before.');
  const ids = [heard?.id, heard?.team, heard?.aggregate_id, ...Object.values(heard?.previous ?? {})];
  const whole = heard && ids.every(isUuid) && Number.isInteger(heard.version) && typeof heard.type === 'string';
  if (!whole || message.subject !== subjectOf(heard!.type!) || ctx?.team !== heard!.team) {
    throw new AppError('fact.unreadable', 'The fact lacks an id, or contradicts its subject or context.');
  }
  return { heard: { ...heard, previous: heard!.previous ?? {} } as FactEnvelope, ctx };
};
