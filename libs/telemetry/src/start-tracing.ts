import { traceWith } from './tracing.js';
import type { TracingOptions } from './tracing-options.js';

/** What is left when the process ends is worth no more waiting than this. */
const LAST_EXPORT_MS = 2_000;

/** Spans are recorded and exported until the returned function is called; it sends what is left, and never throws. */
export const startTracing = async (options: TracingOptions): Promise<() => Promise<void>> => {
  // Loaded only where spans are recorded: it would cost every other process its memory.
  const { openExporting } = await import('./exporting.js');
  const { tracerOf, shutdown } = openExporting(options);
  traceWith(tracerOf);
  return async () => {
    traceWith(null);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LAST_EXPORT_MS)));
    await Promise.race([shutdown().catch(() => undefined), late]);
    clearTimeout(timer);
  };
};
