import { hash7, unpack } from './hash.rules.js';
import type { SeenTokens } from './analysis.types.js';

const MAX_LIST = 512;
/** 5 KiB: 40,960 bits. With four probes 1.1 % of unseen tokens pass as seen at 4,000 tokens (Bloom 1970). */
const BLOOM_BYTES = 5_120;
const PROBES = 4;
/** Beyond this many tokens more than a tenth of unseen ones would pass: the set then claims to have seen everything. */
const MAX_TOKENS = 10_000;

export const NOTHING_SEEN: SeenTokens = { kind: 'list', hashes: '' };

/** A `SeenTokens` unpacked for the length of one step. Errs only towards "seen". */
export class SeenSet {
  private list: Set<string> | null;
  private bits: Uint8Array;
  private count: number;

  constructor(packed: SeenTokens) {
    this.list = packed.kind === 'list' ? new Set(unpack(packed.hashes)) : null;
    this.bits = packed.kind === 'bloom' ? new Uint8Array(Buffer.from(packed.bits, 'base64')) : new Uint8Array(0);
    this.count = packed.kind === 'bloom' ? packed.count : this.list!.size;
  }

  add(tokens: Iterable<string>): void {
    for (const token of tokens) {
      const hash = hash7(token);
      if (this.list) {
        this.list.add(hash);
        if (this.list.size > MAX_LIST) this.toBloom();
      } else if (!this.probe(hash)) this.mark(hash);
    }
  }

  has(token: string): boolean {
    const hash = hash7(token);
    if (this.list) return this.list.has(hash);
    return this.count > MAX_TOKENS || this.probe(hash);
  }

  pack(): SeenTokens {
    if (this.list) return { kind: 'list', hashes: [...this.list].join('') };
    return { kind: 'bloom', bits: Buffer.from(this.bits).toString('base64'), count: this.count };
  }

  private toBloom(): void {
    const hashes = this.list!;
    this.list = null;
    this.bits = new Uint8Array(BLOOM_BYTES);
    this.count = 0;
    for (const hash of hashes) this.mark(hash);
  }

  private mark(hash: string): void {
    this.count++;
    for (const bit of positions(hash)) this.bits[bit >> 3]! |= 1 << (bit & 7);
  }

  private probe(hash: string): boolean {
    return positions(hash).every((bit) => (this.bits[bit >> 3]! & (1 << (bit & 7))) !== 0);
  }
}

/** Double hashing from one 32-bit hash (Kirsch and Mitzenmacher 2006); the step is odd, so the probes differ. */
function positions(hash: string): number[] {
  const first = Number.parseInt(hash, 36);
  const step = (Math.imul(first, 0x9e3779b1) >>> 0) | 1;
  return Array.from({ length: PROBES }, (_, i) => ((first + i * step) >>> 0) % (BLOOM_BYTES * 8));
}
