import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '#kernel';
import type { BlobPort } from '../src/blob-port.js';
import type { WorkspaceLimits } from '../src/workspace-scan.js';

/** Memory where the machine has it: the tests make many small files durable. */
function scratchFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return realpathSync(tmpdir());
  }
}

export const roomy: WorkspaceLimits = { maxFiles: 10_000, maxBytes: 2 ** 30, maxFileBytes: 2 ** 28 };

export class Scratch implements Disposable {
  readonly base = mkdtempSync(join(scratchFolder(), 'spectrace-workspace-'));
  /** The workspace. */
  readonly path = join(this.base, 'workspace');
  /** Beside the workspace: nothing may ever change here. */
  readonly outside = join(this.base, 'outside');

  constructor() {
    mkdirSync(this.path);
    mkdirSync(this.outside);
  }

  at(path: string): string {
    return `${this.path}/${path}`;
  }

  [Symbol.dispose](): void {
    // What a test locked cannot be removed by an ordinary user.
    execFileSync('chmod', ['-R', 'u+rwX', this.base]);
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** The port's contract over a map. */
export class MapBlobs implements BlobPort {
  readonly bytes = new Map<string, Buffer>();
  puts = 0;

  async put(bytes: Uint8Array): Promise<{ digest: string; size: number }> {
    this.puts += 1;
    const digest = sha256(bytes);
    this.bytes.set(digest, Buffer.from(bytes));
    return { digest, size: bytes.length };
  }

  async has(digest: string): Promise<boolean> {
    return this.bytes.has(digest);
  }

  async get(digest: string): Promise<Buffer> {
    const bytes = this.bytes.get(digest);
    if (!bytes) throw Object.assign(new Error('no such blob'), { code: 'ENOENT', syscall: 'open' });
    return bytes;
  }
}
