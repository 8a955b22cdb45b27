import type { Readable } from 'node:stream';

/** What a stream said, up to a limit; the rest is read and dropped, so that the writer never blocks on us. */
export class CappedOutput {
  truncated = false;
  private readonly chunks: Buffer[] = [];
  private free: number;

  constructor(stream: Readable, limitBytes: number) {
    this.free = limitBytes;
    stream.on('data', (chunk: Buffer) => {
      if (chunk.length > this.free) this.truncated = true;
      if (this.free > 0) this.chunks.push(chunk.subarray(0, this.free));
      this.free -= Math.min(chunk.length, this.free);
    });
  }

  /** A character that the limit cut in two is left out. */
  text(): string {
    return new TextDecoder().decode(Buffer.concat(this.chunks), { stream: this.truncated });
  }
}
