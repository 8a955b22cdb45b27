import { executor } from '#contracts';
import { uuidv7 } from '#kernel';
import { Bus } from '#messaging';
import { answers, executionNotFound, openGateway, type TestGateway } from './gateway.fixture.js';

type Growth = Omit<executor.Frame, 'execution_id' | 'seq' | 'at'>;

/** One execution's journal as the executor would keep, show and read it. */
export class Run {
  readonly id = uuidv7();
  readonly frames: executor.Frame[] = [];
  completed = false;

  constructor(
    private readonly bus: Bus,
    readonly team: string,
  ) {}

  /** Appends frames; `shown` ones also go out live. */
  grow(count: number, { shown = true, note = 'x' } = {}): void {
    for (let n = 0; n < count; n += 1) {
      this.append({ type: 'step_update', kind: 'step.finished', step: { step: 1, thought: note, actions: [] } }, shown);
    }
  }

  complete(shown = true): void {
    this.completed = true;
    this.append({ type: 'completion', kind: 'execution.succeeded', status: 'succeeded' }, shown);
  }

  /** Shows a frame again. */
  show(seq: number): void {
    this.bus.show(executor.journaled, [this.team, this.id], this.frames[seq - 1]!);
  }

  private append(frame: Growth, shown: boolean): void {
    const seq = this.frames.length + 1;
    this.frames.push({ ...frame, execution_id: this.id, seq, at: '2026-01-01T00:00:00.000Z' });
    if (shown) this.show(seq);
  }
}

export interface LiveGateway extends TestGateway {
  bus: Bus;
  newRun(team?: string): Run;
  /** The last number that was read for a reader of a run. */
  readUpTo(run: Run): number;
  ticket(token: string): Promise<string>;
  /** What waits for readers of a channel, in bytes, as Prometheus sees it. */
  waiting(channel: string): Promise<number>;
  openSockets(channel: string): Promise<number>;
}

/** A gateway beside something that keeps journals. */
export const openLiveGateway = async (settings: Record<string, string> = {}): Promise<LiveGateway> => {
  const gateway = await openGateway(settings);
  const bus = new Bus(gateway.nats.of('executor'));
  const runs = new Map<string, Run>();
  const read = new Map<string, number>();
  await answers(gateway.nats, executor.journal.read, ({ execution_id, after = 0, limit = 500 }, ctx) => {
    const run = runs.get(execution_id);
    if (!run || ctx.team !== run.team) throw executionNotFound();
    const items = run.frames.slice(after, after + limit);
    // One frame is the look of every second at where the journal ends: it is nobody's page.
    if (limit > 1) read.set(execution_id, Math.max(read.get(execution_id) ?? 0, after + items.length));
    return { items, last_seq: run.frames.length, completed: run.completed };
  });
  const metric = async (name: string, channel: string): Promise<number> => {
    const { body } = await gateway.call('GET', '/metrics');
    return Number(new RegExp(`^${name}\\{channel="${channel}"\\} (\\d+)$`, 'm').exec(body)?.[1]);
  };
  return {
    ...gateway,
    bus,
    newRun: (team = gateway.team) => {
      const run = new Run(bus, team);
      runs.set(run.id, run);
      return run;
    },
    readUpTo: ({ id }) => read.get(id) ?? 0,
    ticket: async (token) => (await gateway.call('POST', '/api/stream-tickets', { token })).body.ticket,
    waiting: (channel) => metric('spectrace_live_waiting_bytes', channel),
    openSockets: (channel) => metric('spectrace_live_open_sockets', channel),
  };
};

/** `[1, 2, … last]`, or from `after` + 1. */
export const upTo = (last: number, after = 0): number[] =>
  Array.from({ length: last - after }, (_, n) => after + 1 + n);
