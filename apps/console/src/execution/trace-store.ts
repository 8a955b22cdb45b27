import type { Frame, Step } from '#client/browser';
import { emptyChronicle, note, type Reading } from './chronicle.rules.js';
import type { Head } from './head.rules.js';
import {
  type Filter,
  filtersOf,
  FILTERS,
  isToPutBack,
  isWhole,
  newsOf,
  overlaid,
  type Stop,
  stopsOf,
} from './trace.rules.js';

interface Summary {
  filters: Filter[];
  stops: Stop[];
  changes: number;
  actions: number;
}

const NOTHING: Summary = { filters: [], stops: [], changes: 0, actions: 0 };

const summaryOf = (step: Step): Summary => {
  const back = step.actions.filter(isToPutBack);
  return {
    filters: filtersOf(step),
    stops: stopsOf(step),
    changes: back.reduce((sum, { verified }) => sum + (verified?.change_count ?? 0), 0),
    actions: back.length,
  };
};

/**
 * The trace of one execution in memory: pages of its projection, in any order and however late, under the facts that
 * frames have told since `seq`, which always win. Steps keep their identity while nothing new is known of them. However
 * much arrives, listeners hear of it once per `schedule`, which in a page is one frame of animation.
 */
export class TraceStore {
  readonly chronicle = emptyChronicle();
  private readonly pages = new Map<number, Step>();
  private readonly news = new Map<number, Step>();
  private readonly shown = new Map<number, Step>();
  private readonly summaries = new Map<number, Summary>();
  private readonly listeners = new Set<() => void>();
  private readonly live: Reading = { finished: null };
  private readonly finds = new Map<Filter, readonly number[]>();
  private readonly counts = new Map<Filter, number>(FILTERS.map((filter) => [filter, 0]));
  private readonly toPutBack = { changes: 0, actions: 0 };
  private told = 0;
  private scheduled = false;
  private seen: number;
  private newest: Head;
  private length = 0;

  constructor(
    /** Sequence number of the newest frame that the first read already had. */
    seq: number,
    private readonly schedule: (work: () => void) => void,
  ) {
    this.seen = seq;
    this.newest = { seq };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Grows whenever listeners are told. */
  readonly version = (): number => this.told;

  /** The newest frame that is part of what is shown: where to join. */
  get seq(): number {
    return this.seen;
  }

  /** The same object until a frame says something else of the run as a whole. */
  get head(): Head {
    return this.newest;
  }

  /** Steps there are, as far as is known. */
  get count(): number {
    return this.length;
  }

  /** Steps that can be shown. */
  get known(): number {
    return this.shown.size;
  }

  /** Undefined: not read yet. */
  step(number: number): Step | undefined {
    return this.shown.get(number);
  }

  /** Every step that can be shown, in order. */
  steps(): Step[] {
    return [...this.shown.values()].sort((a, b) => a.step - b.step);
  }

  /** Numbers of the shown steps that a filter finds, in order; the same array until there are others. */
  found(filter: Filter): readonly number[] {
    const old = this.finds.get(filter);
    if (old) return old;
    const numbers = [...this.summaries].flatMap(([number, { filters }]) => (filters.includes(filter) ? [number] : []));
    numbers.sort((a, b) => a - b);
    this.finds.set(filter, numbers);
    return numbers;
  }

  countOf(filter: Filter): number {
    return this.counts.get(filter) ?? 0;
  }

  /** Actions that a person who reads should stop at, in no order. */
  stops(): Stop[] {
    return [...this.summaries.values()].flatMap(({ stops }) => stops);
  }

  /** Kept effects that a rollback would put back, of the shown steps. */
  get undoable(): { changes: number; actions: number; unread: number } {
    return { ...this.toPutBack, unread: Math.max(0, this.length - this.shown.size) };
  }

  /** There are at least so many steps. */
  reaches(count: number): void {
    if (count <= this.length) return;
    this.length = count;
    this.changed();
  }

  /** Steps of a page, which may be older or newer than what frames said. */
  put(steps: readonly Step[]): void {
    for (const step of steps) {
      this.pages.set(step.step, step);
      this.show(step.step);
    }
    this.changed();
  }

  /** The next frame after `seq`. */
  hear(frame: Frame): void {
    const { seq, status, paused_reason = null, risk } = frame;
    this.seen = seq;
    if (status || risk) {
      this.newest = { ...this.newest, seq, ...(status && { status, paused_reason }), ...(risk && { risk }) };
    }
    note(this.chronicle, this.live, frame);
    const news = newsOf(frame);
    if (news) {
      const old = this.news.get(news.step);
      this.news.set(news.step, old ? overlaid(old, news) : news);
      this.show(news.step);
    }
    this.changed();
  }

  /** Frames from before `seq`, in the order of their own reading. */
  remember(reading: Reading, frames: readonly Frame[]): void {
    for (const frame of frames) note(this.chronicle, reading, frame);
    this.changed();
  }

  private show(number: number): void {
    const [page, news] = [this.pages.get(number), this.news.get(number)];
    const step = page && news ? overlaid(page, news) : (page ?? news)!;
    this.length = Math.max(this.length, number);
    if (!isWhole(step)) return;
    this.shown.set(number, step);
    this.summarise(number, summaryOf(step));
  }

  private summarise(number: number, now: Summary): void {
    const before = this.summaries.get(number) ?? NOTHING;
    this.summaries.set(number, now);
    for (const filter of FILTERS) {
      const change = Number(now.filters.includes(filter)) - Number(before.filters.includes(filter));
      if (change === 0) continue;
      this.counts.set(filter, this.countOf(filter) + change);
      this.finds.delete(filter);
    }
    this.toPutBack.changes += now.changes - before.changes;
    this.toPutBack.actions += now.actions - before.actions;
  }

  private changed(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      this.told += 1;
      for (const listener of this.listeners) listener();
    });
  }
}
