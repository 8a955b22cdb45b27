import { fields } from '#contracts';

const { Int, ListOf, Nested, Num, Share, Text } = fields;

export class TimedThing {
  @Text({
    doc: '`http <method> <route>`, `call <subject>`, `handler <subject>`, `consumer <service> <type>`, `database <service> <operation>`, or a name given in the code.',
  })
  name!: string;
  @Int({ doc: 'How often, since the process started.' }) count!: number;
  @Int({ doc: 'Of these, the ones that failed by our fault; a refusal is none.' }) failures!: number;
  @Int({ doc: 'Samples behind the figures: the last 1,000 at most.' }) samples!: number;
  @Num({ min: 0, doc: 'Milliseconds.' }) mean_ms!: number;
  @Num({ min: 0, doc: 'Milliseconds.' }) p50_ms!: number;
  @Num({ min: 0, doc: 'Milliseconds.' }) p95_ms!: number;
  @Num({ min: 0, doc: 'Milliseconds.' }) p99_ms!: number;
}

export class MemoryUse {
  @Int({ doc: 'Bytes of the process in memory.' }) resident_bytes!: number;
  @Int() heap_used_bytes!: number;
  @Int() heap_total_bytes!: number;
  @Int({ doc: 'Bytes outside the heap that its objects hold.' }) external_bytes!: number;
}

export class CacheUse {
  @Text() name!: string;
  @Int() hits!: number;
  @Int() misses!: number;
  @Share({ doc: 'Hits among all looks.' }) hit_ratio!: number;
}

/** How the process that answers is. */
export class SystemMetrics {
  @Num({ min: 0, doc: 'Seconds since the process started.' }) uptime_s!: number;
  @Nested(() => MemoryUse) memory!: MemoryUse;
  @Nested(() => TimedThing, { doc: 'How late timers came: the worst of each of the last 1,000 seconds.' })
  event_loop_lag!: TimedThing;
  @Int({ doc: 'Lines logged as errors since the process started.' }) errors_logged!: number;
  @ListOf(() => CacheUse) caches!: CacheUse[];
  @ListOf(() => TimedThing, { doc: 'By name.' }) timings!: TimedThing[];
}
