import { type CallContext, type NatsIdentity, parseMessage, type Rpc, rpcSubject } from '#contracts';
import { toWireError } from '#messaging';
import { connectNats, type Platform } from '#service';
import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

const CONTEXT_HEADER = 'spectrace-context';

export interface Answering {
  /** From now on nobody answers its questions. */
  stop(): Promise<void>;
}

/** As every message carries its context. */
export const headersOf = (ctx: CallContext): MsgHdrs => {
  const made = headers();
  made.set(CONTEXT_HEADER, encodeURIComponent(JSON.stringify(ctx)));
  return made;
};

/** A service's place on the bus. */
export const open = async (platform: Platform, service: NatsIdentity) => {
  const connection = await connectNats(platform, service);
  return { connection, answering: { stop: () => connection.close() } };
};

/** Answers one question as its contract says: what it gets and what it gives are both validated. */
export const answer = <I extends object, O extends object>(
  connection: NatsConnection,
  question: Rpc<I, O>,
  handle: (input: I, ctx: CallContext) => Promise<O>,
): void => {
  connection.subscribe(rpcSubject(question), {
    queue: question.subject.split('.')[0],
    callback: (error, message) => {
      if (error) return;
      const { data, id } = message.json<{ data: unknown; id: string }>();
      const ctx = JSON.parse(decodeURIComponent(message.headers!.get(CONTEXT_HEADER))) as CallContext;
      const reply = (packet: object): void => void message.respond(JSON.stringify({ ...packet, id, isDisposed: true }));
      void (async () => parseMessage(question.output, await handle(parseMessage(question.input, data), ctx)))().then(
        (response) => reply({ response }),
        (failure: unknown) => reply({ err: toWireError(failure) }),
      );
    },
  });
};
