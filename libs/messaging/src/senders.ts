import { inboxPrefixOf, type NatsIdentity } from '#contracts';
import type { Msg } from '@nats-io/transport-node';

/** Set by JetStream on a message that it reads out again; no sender can leave it out. */
const READ_OUT = 'Nats-Stream';

type Received = Pick<Msg, 'reply' | 'headers'>;

/**
 * Whether one of these sent the message, told by the inbox it wants the answer in. Permissions alone do not tell: who may
 * read a message of its own back from JetStream chooses on which subject it arrives, and who may ask chooses where the
 * answer goes, be it a subject that only the answering side may publish.
 */
export const isFrom = (identities: readonly NatsIdentity[], { reply, headers }: Received): boolean =>
  reply !== undefined && !isReadOut(headers) && identities.some((one) => reply.startsWith(`${inboxPrefixOf(one)}.`));

/** Whether it was told, not asked, by who may publish it: nobody's answer and nothing JetStream had kept. */
export const isTold = ({ reply, headers }: Received): boolean =>
  !isReadOut(headers) && (reply === undefined || reply === '');

export const isReadOut = (headers: Msg['headers']): boolean => headers?.has(READ_OUT) ?? false;
