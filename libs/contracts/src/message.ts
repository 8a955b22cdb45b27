/** A message class: its decorators validate at run time, its fields type-check at compile time. */
export type MessageClass<T extends object> = new () => T;

/** A question with one answer: core NATS request/reply on `rpc.<subject>`, at most once. */
export interface Rpc<I extends object, O extends object> {
  readonly kind: 'rpc';
  readonly subject: string;
  readonly input: MessageClass<I>;
  readonly output: MessageClass<O>;
}

/** Something that happened: durable on `fact.<subject>`, at least once, deduplicated by fact id. */
export interface Fact<B extends object> {
  readonly kind: 'fact';
  readonly subject: string;
  readonly body: MessageClass<B>;
}

/** A best-effort view on `live.<subject>.<token>…`; whoever needs every one reads the truth behind it. */
export interface Live<B extends object> {
  readonly kind: 'live';
  readonly subject: string;
  readonly body: MessageClass<B>;
}

export const rpc = <I extends object, O extends object>(
  subject: string,
  input: MessageClass<I>,
  output: MessageClass<O>,
): Rpc<I, O> => ({ kind: 'rpc', subject, input, output });

export const fact = <B extends object>(subject: string, body: MessageClass<B>): Fact<B> => ({
  kind: 'fact',
  subject,
  body,
});

export const live = <B extends object>(subject: string, body: MessageClass<B>): Live<B> => ({
  kind: 'live',
  subject,
  body,
});

/** The service that owns a subject: its first token. */
export const ownerOf = (message: { subject: string }): string => message.subject.split('.', 1)[0]!;

export const rpcSubject = (message: Rpc<object, object>): string => `rpc.${message.subject}`;
export const factSubject = (message: Fact<object>): string => `fact.${message.subject}`;
