/** Content-addressed bytes of one team. `digest` is `sha256:<hex>`. */
export interface BlobPort {
  /** Durable when it returns; storing the same bytes again is no error. */
  put(bytes: Uint8Array): Promise<{ digest: string; size: number }>;
  has(digest: string): Promise<boolean>;
  /** Rejects when there is no such blob. */
  get(digest: string): Promise<Buffer>;
}

/**
 * How long a blob that was seen is taken to be there without asking, milliseconds. A sweeper of blobs must leave
 * unreferenced ones alone for longer than this.
 */
const trustMs = 10 * 60 * 1000;
/** Digests remembered per store; forgetting costs one `has` each. */
const maxKnown = 100_000;

const known = new WeakMap<BlobPort, Map<string, number>>();

/**
 * Remembers which blobs a store has, so that an unchanged folder costs no question per file. It belongs to the port
 * object: whoever keeps one port per team gets the benefit, and teams never share it.
 */
export class StoredBlobs {
  private readonly untilMs: Map<string, number>;

  constructor(private readonly blobs: BlobPort) {
    this.untilMs = known.get(blobs) ?? new Map<string, number>();
    known.set(blobs, this.untilMs);
  }

  isKnown(digest: string): boolean {
    return (this.untilMs.get(digest) ?? 0) > performance.now();
  }

  async has(digest: string): Promise<boolean> {
    if (this.isKnown(digest)) return true;
    const present = await this.blobs.has(digest);
    if (present) this.remember(digest);
    return present;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const { digest } = await this.blobs.put(bytes);
    this.remember(digest);
    return digest;
  }

  private remember(digest: string): void {
    if (this.untilMs.size >= maxKnown) this.untilMs.clear();
    this.untilMs.set(digest, performance.now() + trustMs);
  }
}
