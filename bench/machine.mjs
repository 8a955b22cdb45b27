import { createHash } from 'node:crypto';
import { cpus, getPriority, loadavg, totalmem } from 'node:os';
import { quantile, round } from './figures.mjs';

const FIXED_BYTES = 2 * 1024 * 1024;

/**
 * What the machine did meanwhile. The same piece of work, SHA-256 of 2 MiB on one core, is timed between measurements:
 * where it takes much longer than at its best, somebody else had the processor, and a p99 is theirs.
 */
export class Machine {
  #work = Buffer.alloc(FIXED_BYTES, 'x');
  #times = [];
  #load = round(loadavg()[0]);

  /** Times the fixed work. Call only while nothing that is measured runs. */
  sample(times = 1) {
    for (let n = 0; n < times; n++) {
      const began = performance.now();
      createHash('sha256').update(this.#work).digest();
      this.#times.push(performance.now() - began);
    }
  }

  /** Loads are averages of a minute, ours included; noise is in milliseconds. */
  report() {
    return {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? '',
      memory_gib: round(totalmem() / 2 ** 30, 0),
      node: process.versions.node,
      nice: getPriority(),
      load_before: this.#load,
      load_after: round(loadavg()[0]),
      noise: {
        samples: this.#times.length,
        best_ms: round(Math.min(...this.#times)),
        median_ms: round(quantile(this.#times, 0.5)),
        p99_ms: round(quantile(this.#times, 0.99)),
      },
    };
  }
}
