import {
  type CallContext,
  type Fact,
  factSubject,
  graph,
  type Live,
  mayAsk,
  ownerOf,
  type Rpc,
  rpcSubject,
  type ServiceName,
} from '#contracts';
import { AppError, assertOutsideTransaction, uuidv7 } from '#kernel';
import { inSpan, isFault, withTrace } from '#telemetry';
import { errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { callDurations, type Outcome } from './bus.metrics.js';
import type { Heard } from './handles.js';
import { questionSpan } from './question-span.js';
import { isFrom, isTold } from './senders.js';
import { streamCreated } from './stream-info.js';
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

/** A service's way to the others, as far as the graph of contracts goes; without a service an operator's, to all. */
export class Bus {
  constructor(
    private readonly connection: NatsConnection,
    private readonly service?: ServiceName,
  ) {}

  /**
   * Asks another service, at most once.
   * @throws AppError of the callee; `service.unavailable` when nobody handles the subject, and, then not retryable,
   * when NATS refuses it; `service.timeout`; `message.foreign_reply` when something that is no handler of ours answered.
   */
  async call<I extends object, O extends object>(
    ctx: CallContext,
    question: Rpc<I, O>,
    input: I,
    options: { timeoutMs?: number } = {},
  ): Promise<O> {
    assertOutsideTransaction(`bus.call ${question.subject}`);
    this.assertInGraph('asks', question, (service) => mayAsk(service, question));
    const began = performance.now();
    const took = (outcome: Outcome): void =>
      callDurations.record(
        { service: this.service ?? 'none', subject: question.subject, outcome },
        performance.now() - began,
        outcome === 'failed',
      );
    const spec = { service: this.service ?? 'operator', kind: 'client' as const, within: ctx.trace };
    try {
      const answer = await inSpan({ ...questionSpan(question, ctx, input), ...spec }, () =>
        this.ask(withTrace(ctx), question, input, options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
      );
      took('answered');
      return answer;
    } catch (error) {
      took(isFault(error) ? 'failed' : 'refused');
      throw error;
    }
  }

  /** Tells whoever watches, best effort; after the commit, for what it shows must have happened. */
  show<B extends object>(view: Live<B>, tokens: string[], body: B): void {
    assertOutsideTransaction(`bus.show ${view.subject}`);
    if (this.connection.isClosed() || this.connection.isDraining()) return;
    this.connection.publish([`live.${view.subject}`, ...tokens].join('.'), JSON.stringify(body));
  }

  /** Follows a live view until the returned function is called. `*` stands for any one token. */
  watch<B extends object>(view: Live<B>, tokens: string[], listener: (body: B) => void): () => void {
    this.assertInGraph('watches', view, (service) => graph[service].watches.includes(view));
    return this.listen([`live.${view.subject}`, ...tokens].join('.'), isTold, listener);
  }

  /**
   * Sees facts of every team as they pass, until the returned function is called. Best effort: none from before, some
   * lost, some twice after a replay. Whoever needs every one hears it instead.
   */
  watchFact<B extends object>(fact: Fact<B>, listener: (seen: Heard<B>) => void): () => void {
    this.assertInGraph('watches', fact, (service) => graph[service].watches.includes(fact));
    const owner = ownerOf(fact) as ServiceName;
    return this.listen(factSubject(fact), (message) => isFrom([owner], message), listener);
  }

  /** Resolves once whatever is watched is seen, whoever sends it. */
  async watching(): Promise<void> {
    await this.connection.flush();
  }

  /** Facts can be told and heard. */
  hasStream(withinMs: number): Promise<boolean> {
    return streamCreated(this.connection, withinMs).then(
      () => true,
      () => false,
    );
  }

  isConnected(): boolean {
    return !this.connection.isClosed();
  }

  private async ask<I extends object, O extends object>(
    ctx: CallContext,
    question: Rpc<I, O>,
    input: I,
    timeout: number,
  ): Promise<O> {
    const packet = { pattern: rpcSubject(question), data: input, id: uuidv7() };
    const reply = await this.connection
      .request(packet.pattern, JSON.stringify(packet), { timeout, headers: contextHeaders(ctx) })
      .catch((error: unknown) => {
        throw unreachable(question, error);
      });
    const { err, response } = ownReply(packet, reply);
    if (err) throw fromWireError(err);
    return response as O;
  }

  /** What is no JSON object is nobody's. */
  private listen<B extends object>(
    subject: string,
    isOurs: (message: Msg) => boolean,
    listener: (body: B) => void,
  ): () => void {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => {
        const body = error || !isOurs(message) ? null : jsonOf<B>(message);
        if (typeof body === 'object' && body !== null) listener(body);
      },
    });
    return () => subscription.unsubscribe();
  }

  private assertInGraph(
    verb: 'asks' | 'watches',
    { subject }: { subject: string },
    isIn: (service: ServiceName) => boolean,
  ): void {
    if (this.service && !isIn(this.service)) {
      throw new Error(`${this.service} ${verb} ${subject}: the graph of contracts does not say so`);
    }
  }
}

/** A stream over a question's subject answers it too, and faster: `{"stream":…,"seq":…}`. */
const ownReply = ({ pattern, id }: Question, message: Msg): Reply => {
  const reply = jsonOf<Reply>(message);
  if (reply && (reply.response || reply.err || reply.id) && (reply.id ?? id) === id) return reply;
  throw new AppError('message.foreign_reply', `Something that is no service answered ${pattern}: a stream over it?`);
};

const jsonOf = <T>(message: Msg): T | null => {
  try {
    return message.json<T | null>();
  } catch {
    return null;
  }
};

const unreachable = (question: Rpc<object, object>, cause: unknown): AppError => {
  const service = question.subject.split('.', 1)[0]!;
  if (cause instanceof errors.RequestError && cause.cause instanceof errors.PermissionViolationError) {
    return new AppError('service.unavailable', `The NATS server does not let ${service} be asked from here.`, {
      cause,
    });
  }
  const nobody = cause instanceof errors.RequestError && cause.isNoResponders();
  return nobody || cause instanceof errors.ClosedConnectionError
    ? new AppError('service.unavailable', `The ${service} service is not available.`, { retryable: true, cause })
    : new AppError('service.timeout', `The ${service} service did not answer in time.`, { retryable: true, cause });
};
