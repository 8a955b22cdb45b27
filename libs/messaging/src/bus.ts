import { type CallContext, type Live, type Rpc, rpcSubject } from '#contracts';
import { AppError, assertOutsideTransaction, uuidv7 } from '#kernel';
import { errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { contextHeaders, fromWireError, type WireError } from './wire.js';

const DEFAULT_TIMEOUT_MS = 5_000;

interface Question {
  pattern: string;
  id: string;
}

interface Reply {
  /** Of the question. */
  id?: string;
  response?: unknown;
  err?: WireError;
}

/** A service's way to the others. */
export class Bus {
  constructor(private readonly connection: NatsConnection) {}

  /**
   * Asks another service, at most once.
   * @throws AppError of the callee; `service.unavailable` when nobody handles the subject; `service.timeout`;
   * `message.foreign_reply` when something that is no handler of ours answered.
   */
  async call<I extends object, O extends object>(
    ctx: CallContext,
    question: Rpc<I, O>,
    input: I,
    options: { timeoutMs?: number } = {},
  ): Promise<O> {
    assertOutsideTransaction(`bus.call ${question.subject}`);
    const packet = { pattern: rpcSubject(question), data: input, id: uuidv7() };
    const reply = await this.connection
      .request(packet.pattern, JSON.stringify(packet), {
        timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        headers: contextHeaders(ctx),
      })
      .catch((error: unknown) => {
        throw unreachable(question, error);
      });
    const { err, response } = ownReply(packet, reply);
    if (err) throw fromWireError(err);
    return response as O;
  }

  /** Tells whoever watches, best effort; after the commit, for what it shows must have happened. */
  show<B extends object>(view: Live<B>, tokens: string[], body: B): void {
    assertOutsideTransaction(`bus.show ${view.subject}`);
    if (this.connection.isClosed() || this.connection.isDraining()) return;
    this.connection.publish([`live.${view.subject}`, ...tokens].join('.'), JSON.stringify(body));
  }

  /** Follows a live view until the returned function is called. `*` stands for any one token. */
  watch<B extends object>(view: Live<B>, tokens: string[], listener: (body: B) => void): () => void {
    const subscription = this.connection.subscribe([`live.${view.subject}`, ...tokens].join('.'), {
      callback: (error, message) => {
        if (!error) listener(message.json<B>());
      },
    });
    return () => subscription.unsubscribe();
  }

  isConnected(): boolean {
    return !this.connection.isClosed();
  }
}

/** A stream over a question's subject answers it too, and faster: `{"stream":…,"seq":…}`. */
const ownReply = ({ pattern, id }: Question, message: Msg): Reply => {
  const reply = jsonOf(message);
  if (reply && (reply.response || reply.err || reply.id) && (reply.id ?? id) === id) return reply;
  throw new AppError('message.foreign_reply', `Something that is no service answered ${pattern}: a stream over it?`);
};

const jsonOf = (message: Msg): Reply | null => {
  try {
    return message.json<Reply | null>();
  } catch {
    return null;
  }
};

const unreachable = (question: Rpc<object, object>, cause: unknown): AppError => {
  const service = question.subject.split('.', 1)[0]!;
  const nobody = cause instanceof errors.RequestError && cause.isNoResponders();
  return nobody || cause instanceof errors.ClosedConnectionError
    ? new AppError('service.unavailable', `The ${service} service is not available.`, { retryable: true, cause })
    : new AppError('service.timeout', `The ${service} service did not answer in time.`, { retryable: true, cause });
};
