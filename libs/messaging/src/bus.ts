import { type CallContext, type Live, type Rpc, rpcSubject } from '#contracts';
import { AppError, uuidv7 } from '#kernel';
import { assertOutsideTransaction } from '#persistence';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { contextHeaders, fromWireError, type WireError } from './wire.js';

const DEFAULT_TIMEOUT_MS = 5_000;

interface Reply {
  response?: unknown;
  err?: WireError;
}

/** A service's way to the others. */
export class Bus {
  constructor(private readonly connection: NatsConnection) {}

  /**
   * Asks another service, at most once.
   * @throws AppError of the callee; `service.unavailable` when nobody handles the subject; `service.timeout`.
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
    const { err, response } = reply.json<Reply>();
    if (err) throw fromWireError(err);
    return response as O;
  }

  /** Tells whoever watches, best effort. */
  show<B extends object>(view: Live<B>, tokens: string[], body: B): void {
    if (this.connection.isClosed()) return;
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

const unreachable = (question: Rpc<object, object>, cause: unknown): AppError => {
  const service = question.subject.split('.', 1)[0]!;
  const nobody = cause instanceof errors.RequestError && cause.isNoResponders();
  return nobody || cause instanceof errors.ClosedConnectionError
    ? new AppError('service.unavailable', `The ${service} service is not available.`, { retryable: true, cause })
    : new AppError('service.timeout', `The ${service} service did not answer in time.`, { retryable: true, cause });
};
