import { type CallContext, graph, parseMessage, type ServiceName } from '#contracts';
import type { Tx } from '#persistence';
import type { FactEnvelope } from './fact-message.js';
import { type Hearing, hearingsOf } from './handles.js';

type Listener = (heard: object, tx: object, ctx: CallContext) => Promise<void>;

/** Which method of a service's consumers hears which fact. */
export class Ears {
  private readonly listeners = new Map<string, Hearing & { consumer: object }>();

  constructor(service: string, consumers: object[]) {
    const declared = new Set(graph[service as ServiceName].hears.map((fact) => fact.subject));
    for (const consumer of consumers) {
      for (const hearing of hearingsOf(consumer)) {
        const { subject } = hearing.fact;
        if (!declared.has(subject))
          throw new Error(`${service} hears ${subject}: the graph of contracts does not say so`);
        if (this.listeners.has(subject))
          throw new Error(`${service} hears ${subject} in two places: the first is lost`);
        this.listeners.set(subject, { ...hearing, consumer });
      }
    }
  }

  get empty(): boolean {
    return this.listeners.size === 0;
  }

  hears(type: string): boolean {
    return this.listeners.has(type);
  }

  /** The facts of the same aggregate that this service has to hear first. */
  predecessorsOf(heard: FactEnvelope): string[] {
    return Object.entries(heard.previous)
      .filter(([type]) => this.hears(type))
      .map(([, id]) => id);
  }

  async listen(heard: FactEnvelope, tx: Tx, ctx: CallContext): Promise<void> {
    const { fact, consumer, method } = this.listeners.get(heard.type)!;
    const body = parseMessage(fact.body, heard.body);
    await (consumer as Record<string, Listener>)[method]!({ ...heard, body }, tx, ctx);
  }
}
