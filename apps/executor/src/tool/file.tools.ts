import { isAppError, sha256 } from '#kernel';
import type { WorkspaceRoot } from '#snapshots';
import type { ExpectedChange, ToolEffect } from '../contract/contract.types.js';
import { type ChangePreview, previewDelete, previewWrite } from './change-preview.js';
import { FileDeleteArguments, FileListArguments, FileReadArguments, FileWriteArguments } from './file.arguments.js';
import { PREVIEW_TIMEOUT_MS, type Tool, type ToolEnvironment, type ToolResult } from './tool.js';

const NO_EFFECT: ToolEffect = { may: [], must: [] };
const DEFAULT_ENTRIES = 1_000;
const DEFAULT_READ_BYTES = 65_536;

/** A refusal by the workspace is the tool's failure, not the engine's. */
const attempt = async (work: () => Promise<unknown>): Promise<ToolResult> => {
  try {
    return { ok: true, output: await work() };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { ok: false, output: null, failure: { code: error.code, message: error.message } };
  }
};

/** `./a//b/` and `a/b` are one path; what leads out of the workspace stays as it is and is refused there. */
const normal = (path: string): string => {
  if (path.startsWith('/')) return path;
  return (
    path
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/') || '.'
  );
};

const parentsOf = (path: string): string[] => {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
};

const exact = (change: ExpectedChange['change'], path: string): ExpectedChange => ({ match: 'exact', path, change });

export class FileList implements Tool<FileListArguments> {
  readonly name = 'file.list';
  readonly version = 1;
  readonly effects = 'none';
  readonly description = 'Names, types and sizes of what a folder holds.';
  readonly arguments = FileListArguments;

  target = ({ path }: FileListArguments) => ({ kind: 'path', path: normal(path) });
  paths = ({ path }: FileListArguments) => [normal(path)];
  effect = (): ToolEffect => NO_EFFECT;

  run({ path, recursive, limit }: FileListArguments, { root }: ToolEnvironment): Promise<ToolResult> {
    const most = limit ?? DEFAULT_ENTRIES;
    return attempt(async () => {
      const entries = await root.list(normal(path), { recursive: recursive ?? false, limit: most + 1 });
      return {
        entries: entries.slice(0, most).map(({ path, type, size }) => ({ path, type, size })),
        truncated: entries.length > most,
      };
    });
  }
}

export class FileRead implements Tool<FileReadArguments> {
  readonly name = 'file.read';
  readonly version = 1;
  readonly effects = 'none';
  readonly description = 'The content of one file.';
  readonly arguments = FileReadArguments;

  target = ({ path }: FileReadArguments) => ({ kind: 'path', path: normal(path) });
  paths = ({ path }: FileReadArguments) => [normal(path)];
  effect = (): ToolEffect => NO_EFFECT;

  run({ path, limit_bytes }: FileReadArguments, { root }: ToolEnvironment): Promise<ToolResult> {
    return attempt(async () => {
      const bytes = await root.read(normal(path), { limitBytes: limit_bytes ?? DEFAULT_READ_BYTES });
      const text = bytes.toString('utf8');
      return Buffer.from(text, 'utf8').equals(bytes)
        ? { content: text, size: bytes.length, encoding: 'utf8' }
        : { content: bytes.toString('base64'), size: bytes.length, encoding: 'base64' };
    });
  }
}

export class FileWrite implements Tool<FileWriteArguments> {
  readonly name = 'file.write';
  readonly version = 1;
  readonly effects = 'reversible';
  readonly description = 'Creates or replaces one file; missing folders are made.';
  readonly arguments = FileWriteArguments;

  target = ({ path }: FileWriteArguments) => ({ kind: 'path', path: normal(path) });
  paths = ({ path }: FileWriteArguments) => [normal(path)];

  effect = (args: FileWriteArguments): ToolEffect => {
    const path = normal(args.path);
    return {
      may: [
        exact('created', path),
        exact('modified', path),
        ...parentsOf(path).map((parent) => exact('created', parent)),
      ],
      must: [],
      content: { path, sha256: sha256(bytesOf(args)) },
    };
  };

  preview(args: FileWriteArguments, root: WorkspaceRoot, timeoutMs = PREVIEW_TIMEOUT_MS): Promise<ChangePreview[]> {
    return previewWrite(root, normal(args.path), bytesOf(args), timeoutMs);
  }

  run(args: FileWriteArguments, { root }: ToolEnvironment): Promise<ToolResult> {
    return attempt(async () => {
      await root.write(normal(args.path), bytesOf(args));
      return this.reconcile(args);
    });
  }

  reconcile(args: FileWriteArguments): { path: string; size: number } {
    return { path: normal(args.path), size: bytesOf(args).length };
  }
}

const bytesOf = ({ content, encoding }: FileWriteArguments): Buffer => Buffer.from(content, encoding ?? 'utf8');

export class FileDelete implements Tool<FileDeleteArguments> {
  readonly name = 'file.delete';
  readonly version = 1;
  readonly effects = 'reversible';
  readonly description = 'Removes one file, or a folder with everything in it.';
  readonly arguments = FileDeleteArguments;

  target = ({ path }: FileDeleteArguments) => ({ kind: 'path', path: normal(path) });
  paths = ({ path }: FileDeleteArguments) => [normal(path)];

  effect = ({ path, recursive }: FileDeleteArguments): ToolEffect => ({
    may: [{ match: recursive ? 'below' : 'exact', path: normal(path), change: 'deleted' }],
    must: [exact('deleted', normal(path))],
  });

  preview(args: FileDeleteArguments, root: WorkspaceRoot, timeoutMs = PREVIEW_TIMEOUT_MS): Promise<ChangePreview[]> {
    return previewDelete(root, normal(args.path), args.recursive ?? false, timeoutMs);
  }

  run({ path, recursive }: FileDeleteArguments, { root }: ToolEnvironment): Promise<ToolResult> {
    return attempt(async () => {
      await root.remove(normal(path), { recursive: recursive ?? false });
      return this.reconcile({ path });
    });
  }

  reconcile({ path }: FileDeleteArguments): { path: string } {
    return { path: normal(path) };
  }
}
