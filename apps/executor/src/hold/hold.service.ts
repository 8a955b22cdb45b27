import type { BlobStore } from '#blobs';
import { AppError, uuidv7 } from '#kernel';
import type { Tx } from '#persistence';
import { type BlobPort, type Manifest, type RestoreOutcome, WorkspaceHold, type WorkspaceRoot } from '#snapshots';
import { Timed } from '#service';
import { countCacheRead, inSpan } from '#telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { Action } from '../action/action.entity.js';
import { Hold } from './hold.entity.js';
import { type HoldStatus, sourcesOf } from './hold.rules.js';

export const BLOBS = Symbol('blobs');

/** Manifests whose blob is known to be there, least lately used first. */
const REMEMBERED = 1_000;

const LIMITS = { maxFiles: 200_000, maxBytes: 16 * 2 ** 30, maxFileBytes: 2 ** 30 };

export interface Taken {
  manifest: Manifest;
  /** Blob digest of the manifest. */
  stored: string;
}

/** Snapshots of workspaces: the bytes are blobs of the team, what they mean is a row of the execution. */
@Injectable()
export class HoldService {
  private readonly ports = new Map<string, BlobPort>();
  private readonly stored = new Map<string, string>();

  constructor(@Inject(BLOBS) private readonly blobs: BlobStore) {}

  /** The workspace as it is, with everything needed to come back to it. */
  @Timed('executor.hold.take')
  async take(team: string, root: WorkspaceRoot): Promise<Taken> {
    return inSpan({ service: 'executor', name: 'hold take' }, async () =>
      this.store(team, await this.driver(team, root).take()),
    );
  }

  @Timed('executor.hold.observe')
  observe(team: string, root: WorkspaceRoot): Promise<Manifest> {
    return inSpan({ service: 'executor', name: 'hold observe' }, () => this.driver(team, root).observe());
  }

  /** An unchanged workspace costs no second copy: what this process stored lately is remembered by its digest. */
  async store(team: string, manifest: Manifest): Promise<Taken> {
    const known = `${team}/${manifest.digest}`;
    const remembered = this.stored.get(known);
    countCacheRead('executor.manifests', remembered !== undefined);
    const stored = remembered ?? (await this.blobs.put(team, Buffer.from(JSON.stringify(manifest)))).digest;
    this.stored.delete(known);
    this.stored.set(known, stored);
    if (this.stored.size > REMEMBERED) this.stored.delete(this.stored.keys().next().value!);
    return { manifest, stored };
  }

  async manifest(team: string, stored: string): Promise<Manifest> {
    return JSON.parse((await this.blobs.get(team, stored)).toString('utf8')) as Manifest;
  }

  restore(team: string, root: WorkspaceRoot, before: Manifest, left: Manifest | null): Promise<RestoreOutcome> {
    return this.driver(team, root).restore(before, left);
  }

  async create(tx: Tx, action: Action, before: Taken): Promise<void> {
    const { team_id, execution_id, step, index } = action;
    await tx.insert(Hold, {
      id: uuidv7(),
      team_id,
      execution_id,
      step,
      index,
      driver: 'workspace',
      status: 'held',
      before_manifest: before.stored,
    });
  }

  async of(tx: Tx, { execution_id, step, index }: Action): Promise<Hold> {
    return tx.findOneOrFail(Hold, { where: { execution_id, step, index } });
  }

  /** @throws AppError `hold.moved_on` when somebody was first */
  async move(tx: Tx, hold: Hold, to: HoldStatus, leftManifest?: string): Promise<void> {
    const moved = await tx.update(
      Hold,
      { id: hold.id, status: In(sourcesOf(to)) },
      { status: to, ...(leftManifest && { left_manifest: leftManifest }) },
    );
    if (!moved.affected) throw new AppError('hold.moved_on', `The hold can no longer become ${to}.`);
  }

  /** Keeps what the action left for an undo that may come, while a person has to look. */
  async observed(tx: Tx, hold: Hold, leftManifest: string): Promise<void> {
    await tx.update(Hold, { id: hold.id }, { left_manifest: leftManifest });
  }

  private driver(team: string, root: WorkspaceRoot): WorkspaceHold {
    return new WorkspaceHold(root, this.portOf(team), LIMITS);
  }

  /** One port per team for the life of the process: it remembers which contents are stored. */
  private portOf(team: string): BlobPort {
    const known = this.ports.get(team);
    if (known) return known;
    const port: BlobPort = {
      put: (bytes) => this.blobs.put(team, bytes),
      has: async (digest) => (await this.blobs.stat(team, digest)) !== null,
      get: (digest) => this.blobs.get(team, digest),
    };
    this.ports.set(team, port);
    return port;
  }
}
