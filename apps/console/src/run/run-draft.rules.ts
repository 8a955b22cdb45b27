import type { Execution, SubmitExecution } from '#client/browser';
import { type Declaration, inputsOf, type Raw, rawOf } from './playbook-inputs.rules.js';

export const LONGEST_TASK = 10_000;
export const PLAYBOOK = 'playbook';

/** A task as far as somebody has written it. */
export interface RunDraft extends Record<string, unknown> {
  task_description: string;
  agent_type: string;
  agent_id: string;
  /** Name of a registered playbook. */
  playbook: string | null;
  /** What stands in the fields that were touched. */
  inputs: Record<string, Raw>;
  /** The values of the run that is repeated; a touched field goes before. */
  given: Record<string, unknown>;
  workspace: string;
  max_steps: number | '';
  on_behalf_of: string;
  /** The run that is repeated, and the version of its playbook. */
  repeats: { id: string; digest: string | null } | null;
}

export const EMPTY_DRAFT: RunDraft = {
  task_description: '',
  agent_type: PLAYBOOK,
  agent_id: '',
  playbook: null,
  inputs: {},
  given: {},
  workspace: '',
  max_steps: '',
  on_behalf_of: '',
  repeats: null,
};

/** A kept draft; whatever in it is not of its kind is left out. */
export const draftOf = (kept: string | null): RunDraft => {
  let value: unknown;
  try {
    value = JSON.parse(kept ?? 'null');
  } catch {
    return EMPTY_DRAFT;
  }
  if (typeof value !== 'object' || value === null) return EMPTY_DRAFT;
  const sound = Object.entries(value).filter(([name, one]) => isSound(name, one));
  return { ...EMPTY_DRAFT, ...Object.fromEntries(sound) };
};

const isSound = (name: string, value: unknown): boolean => {
  if (!Object.hasOwn(EMPTY_DRAFT, name)) return false;
  if (name === 'max_steps') return value === '' || Number.isInteger(value);
  if (name === 'playbook') return value === null || typeof value === 'string';
  if (name === 'repeats') return value === null || typeof value === 'object';
  const like = EMPTY_DRAFT[name];
  return typeof value === typeof like && (typeof like !== 'object' || value !== null);
};

/** The same task again: what was asked of this run. Who was behind it is asked anew. */
export const draftFrom = (run: Execution): RunDraft => ({
  ...EMPTY_DRAFT,
  task_description: run.task_description,
  agent_type: run.agent_type,
  agent_id: run.agent_id === run.playbook?.name ? '' : run.agent_id,
  playbook: run.playbook?.name ?? null,
  given: { ...run.playbook?.inputs },
  workspace: run.workspace?.path ?? '',
  max_steps: run.agent_type === PLAYBOOK ? '' : run.max_steps,
  repeats: { id: run.id, digest: run.playbook?.digest ?? null },
});

/** What stands in the field of an input: as touched, else as in the repeated run, else the default. */
export const rawIn =
  ({ inputs, given }: Pick<RunDraft, 'inputs' | 'given'>) =>
  (declaration: Declaration): Raw => {
    const { name } = declaration;
    if (Object.hasOwn(inputs, name)) return inputs[name]!;
    return rawOf(declaration, Object.hasOwn(given, name) ? given[name] : declaration.default);
  };

const isAbsolute = (path: string): boolean => path.startsWith('/');

const missing = (draft: RunDraft): Record<string, string> => {
  const workspace = draft.workspace.trim();
  return {
    ...(draft.task_description.trim() === '' && { task_description: 'Say what is to be done' }),
    ...(draft.task_description.length > LONGEST_TASK && { task_description: `At most ${LONGEST_TASK} characters` }),
    ...(draft.agent_type === PLAYBOOK && !draft.playbook && { playbook: 'Choose a playbook' }),
    ...(workspace === '' && { workspace: 'Name the folder the run may see and change' }),
    ...(workspace !== '' && !isAbsolute(workspace) && { workspace: 'Must be an absolute path: /…' }),
  };
};

/** The task to submit, or by field what keeps it from being one. */
export const requestOf = (
  draft: RunDraft,
  declarations: readonly Declaration[],
): { request: SubmitExecution } | { errors: Record<string, string> } => {
  const { inputs, problems } = inputsOf(declarations, rawIn(draft));
  const located = Object.entries(problems).map(([name, problem]) => [`inputs.${name}`, problem]);
  const errors: Record<string, string> = { ...missing(draft), ...Object.fromEntries(located) };
  if (Object.keys(errors).length > 0) return { errors };
  const { task_description, agent_type, playbook } = draft;
  const agent_id = draft.agent_id.trim();
  const on_behalf_of = draft.on_behalf_of.trim();
  return {
    request: {
      task_description,
      agent_type,
      ...(agent_id && { agent_id }),
      ...(agent_type === PLAYBOOK && playbook
        ? { playbook: { name: playbook, ...(Object.keys(inputs).length > 0 && { inputs }) } }
        : draft.max_steps !== '' && { max_steps: draft.max_steps }),
      ...(on_behalf_of && { on_behalf_of }),
      workspace: { kind: 'local', path: draft.workspace.trim() },
    } as SubmitExecution,
  };
};

/** Where the form shows what the server says about a field of the request. */
export const fieldOfRun = (path: string): string | null => {
  if (path.startsWith('playbook.inputs.')) return path.slice('playbook.'.length);
  if (/^(playbook|workspace)(\.|$)/.test(path)) return path.split('.', 1)[0]!;
  return Object.hasOwn(EMPTY_DRAFT, path) ? path : null;
};
