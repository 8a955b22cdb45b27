import type { governance } from '#contracts';
import { digestOf, isAppError, sha256 } from '#kernel';
import { pathProblem, type WorkspaceEntry, type WorkspaceRoot } from '#snapshots';
import { setTimeout } from 'node:timers/promises';
import { visible } from '../action/visible.rules.js';
import { unifiedDiff } from './unified-diff.js';

export type ChangePreview = governance.ChangePreview;

/** Larger contents are not shown as a diff. */
const DIFFED_BYTES = 256 * 1024;
/** Of larger files only the size is known. */
const DIGESTED_BYTES = 16 * 2 ** 20;
/** Of a folder so many entries are looked at, and so many are named. */
const FOLDER_ENTRIES = 10_000;
const NAMED_ENTRIES = 50;
const NAMED_BYTES = 32 * 1024;
const NOTE_CHARACTERS = 4_000;
/** Share of the time after which what was seen so far has to do. */
const LATE = 0.8;

/** What is at a path. The digest is another one as soon as anything about it changes; nothing has none. */
type Present =
  | { kind: 'nothing'; digest: null }
  | { kind: 'file'; digest: string; size: number; bytes: Buffer | null }
  | { kind: 'folder'; digest: string }
  | { kind: 'other'; digest: string; why: string };

/** Before a removal of nothing: no digest would mean that nobody knows what is there. */
const NOTHING = digestOf('nothing');

type Told = Omit<ChangePreview, 'diff' | 'note'>;
type Content = { text: string } | { hidden: string };

/** What writing these bytes would change. Never throws: what cannot be told is a note. */
export const previewWrite = (
  root: WorkspaceRoot,
  path: string,
  bytes: Buffer,
  timeoutMs: number,
): Promise<ChangePreview[]> => {
  const unknown: Told = { path: visible(path), change: 'modified', before: null, after: sha256(bytes) };
  return inTime(timeoutMs, unknown, async () => {
    const present = await look(root, path);
    const told: Told = { ...unknown, before: present.digest };
    switch (present.kind) {
      case 'folder':
        return [noted(told, 'A folder is there, so this will be refused.')];
      case 'other':
        return [noted(told, present.why)];
      case 'nothing':
        return [diffed(path, { ...told, change: 'created' }, null, contentOf(bytes), sizeText(bytes.length))];
      case 'file': {
        if (told.before === told.after)
          return [noted(told, `The file has this content already. ${sizeText(present.size)}`)];
        const sizes = `${sizeText(present.size)} now, ${sizeText(bytes.length)} then.`;
        return [diffed(path, told, contentOf(present.bytes), contentOf(bytes), sizes)];
      }
    }
  });
};

/** What removing a path would take away. Never throws: what cannot be told is a note. */
export const previewDelete = (
  root: WorkspaceRoot,
  path: string,
  recursive: boolean,
  timeoutMs: number,
): Promise<ChangePreview[]> => {
  const unknown: Told = { path: visible(path), change: 'deleted', before: null, after: null };
  return inTime(timeoutMs, unknown, async (isLate) => {
    const present = await look(root, path);
    const told: Told = { ...unknown, before: present.digest };
    switch (present.kind) {
      case 'nothing':
        return [noted({ ...told, before: NOTHING }, 'Nothing is there, so this will be refused.')];
      case 'other':
        return [noted(told, present.why)];
      case 'file':
        return [diffed(path, told, contentOf(present.bytes), null, sizeText(present.size))];
      case 'folder':
        return folderGone(root, path, recursive, told, isLate);
    }
  });
};

const folderGone = async (
  root: WorkspaceRoot,
  path: string,
  recursive: boolean,
  folder: Told,
  isLate: () => boolean,
): Promise<ChangePreview[]> => {
  const entries = await root.list(path, { recursive: true, limit: FOLDER_ENTRIES + 1 });
  if (entries.length > 0 && !recursive) return [noted(folder, 'The folder is not empty, so this will be refused.')];
  const isWhole = entries.length <= FOLDER_ENTRIES;
  const digests: (string | null)[] = [];
  for (const entry of entries.slice(0, isWhole ? FOLDER_ENTRIES : NAMED_ENTRIES)) {
    if (isLate()) break;
    digests.push((await look(root, entry.path)).digest);
  }
  const isKnown = digests.length === entries.length;
  const inside = entries.map(({ path: at }, index) => [at, digests[index] ?? null]);
  const named = namedOf(entries);
  const before = isKnown ? digestOf([folder.before, inside]) : null;
  const notes = [
    isWhole ? `A folder: ${countText(entries)}.` : `A folder with more than ${FOLDER_ENTRIES} things in it.`,
    ...(named.length < entries.length ? [`The first ${named.length} are named.`] : []),
    ...(isKnown ? [] : ['It is too much to be compared again before it is removed.']),
  ];
  return [
    noted({ ...folder, before }, notes.join(' ')),
    ...named.map((entry, index) =>
      noted({ ...folder, path: visible(entry.path), before: digests[index] ?? null }, kindText(entry)),
    ),
  ];
};

/** The first entries, as many as there is room for. */
const namedOf = (entries: WorkspaceEntry[]): WorkspaceEntry[] => {
  let bytes = 0;
  const tooMany = entries.findIndex(({ path }) => (bytes += Buffer.byteLength(path)) > NAMED_BYTES);
  return entries.slice(0, Math.min(NAMED_ENTRIES, tooMany < 0 ? entries.length : tooMany));
};

const look = async (root: WorkspaceRoot, path: string): Promise<Present> => {
  const problem = pathProblem(path);
  if (problem)
    return { kind: 'other', digest: digestOf(problem), why: `The path ${problem}, so this will be refused.` };
  let entry: WorkspaceEntry | null = null;
  try {
    entry = await root.stat(path);
    const digest = stateOf(entry);
    if (entry.type === 'directory') return { kind: 'folder', digest };
    if (entry.type !== 'file')
      return { kind: 'other', digest, why: `Not a file: ${kindText(entry)}. Its content is not shown.` };
    if (entry.size > DIGESTED_BYTES) return { kind: 'file', digest, size: entry.size, bytes: null };
    const bytes = await root.read(path, { limitBytes: DIGESTED_BYTES });
    return { kind: 'file', digest: sha256(bytes), size: bytes.length, bytes };
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.code === 'workspace.path_not_found') return { kind: 'nothing', digest: null };
    return { kind: 'other', digest: digestOf([error.code, entry && stateOf(entry)]), why: `${error.message}.` };
  }
};

/** All that is compared of what is not read; the size of a folder means nothing. */
const stateOf = ({ type, size, mode }: WorkspaceEntry): string =>
  digestOf({ type, mode, ...(type !== 'directory' && { size }) });

/** Content as people can read it, or why they cannot. Null: not read. */
const contentOf = (bytes: Buffer | null): Content => {
  if (!bytes)
    return { hidden: `Larger than ${sizeText(DIGESTED_BYTES)}, so of what is there only the size is compared.` };
  if (bytes.length > DIFFED_BYTES) return { hidden: `Larger than ${sizeText(DIFFED_BYTES)}, so no lines are shown.` };
  const text = bytes.toString('utf8');
  const isText = !bytes.includes(0) && Buffer.from(text, 'utf8').equals(bytes);
  return isText ? { text } : { hidden: 'Binary content, so no lines are shown.' };
};

/** Null as content: no file. */
const diffed = (path: string, told: Told, old: Content | null, now: Content | null, sizes: string): ChangePreview => {
  for (const content of [old, now])
    if (content && 'hidden' in content) return noted(told, `${content.hidden} ${sizes}`);
  const text = (content: Content | null): string | null => (content && 'text' in content ? content.text : null);
  const { text: diff, notes } = unifiedDiff(path, text(old), text(now));
  return { ...noted(told, notes.join(' ')), diff };
};

const noted = (told: Told, note: string): ChangePreview => ({
  ...told,
  diff: null,
  note: note === '' ? null : visible(note).slice(0, NOTE_CHARACTERS).toWellFormed(),
});

const sizeText = (bytes: number): string => `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;

const kindText = ({ type, size }: WorkspaceEntry): string =>
  ({
    file: `file, ${sizeText(size)}`,
    directory: 'folder',
    symlink: 'symbolic link',
    special: 'FIFO, socket or device',
  })[type];

const countText = (entries: WorkspaceEntry[]): string => {
  const files = entries.filter(({ type }) => type === 'file');
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return `${files.length} files of ${sizeText(bytes)}, and ${entries.length - files.length} folders and links`;
};

/** The preview, or what can be said without one when it takes too long or the workspace cannot be read. */
const inTime = async (
  timeoutMs: number,
  told: Told,
  work: (isLate: () => boolean) => Promise<ChangePreview[]>,
): Promise<ChangePreview[]> => {
  const lateAt = performance.now() + LATE * timeoutMs;
  const ended = new AbortController();
  const late = setTimeout(timeoutMs, [noted(told, 'It could not be looked at in time.')], { signal: ended.signal });
  try {
    return await Promise.race([work(() => performance.now() >= lateAt), late]);
  } catch {
    return [noted(told, 'It could not be looked at.')];
  } finally {
    ended.abort();
  }
};
