import type { Readable } from 'node:stream';

export interface BlobRef {
  /** `sha256:<hex>` of the bytes. */
  digest: string;
  /** Bytes. */
  size: number;
}

/**
 * Bytes under their SHA-256, apart per team: deduplication across teams would tell one team what another has. `team` is
 * a UUID or a short lower-case name such as `system`; a malformed team or digest is `blob.name_invalid`. Inside a
 * database transaction every method throws `transaction.io_inside`.
 */
export interface BlobStore {
  /** Resolves once the bytes survive a crash of the machine. Putting bytes that are there already writes nothing. */
  put(team: string, bytes: Uint8Array | Readable): Promise<BlobRef>;

  /** @throws AppError `blob.not_found`; `blob.corrupt` when the bytes do not match the digest. */
  get(team: string, digest: string): Promise<Buffer>;

  /**
   * The bytes as a stream. It fails with `blob.corrupt` after the last chunk when they do not match the digest: what
   * was read counts only once the stream has ended.
   * @throws AppError `blob.not_found`
   */
  open(team: string, digest: string): Promise<Readable>;

  /** Null when there is no such blob. */
  stat(team: string, digest: string): Promise<{ size: number } | null>;

  /** Idempotent. A put of the same bytes that runs at the same time may be lost: delete only what nobody refers to. */
  delete(team: string, digest: string): Promise<void>;
}
