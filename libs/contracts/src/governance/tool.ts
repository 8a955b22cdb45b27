import type { ToolEffects } from '../prediction/step.js';

/** What a tool does to the knowledge of a run and to the world outside; the taint of a run is computed from it. */
export interface ToolTraits {
  /** What policy is told it acts upon; null: no policy can speak of it. */
  target: 'path' | 'command' | 'send' | 'execution' | null;
  effects: ToolEffects;
  /** Which files' content the agent gets to know: none, those it names, or any of the workspace. */
  reads: 'nothing' | 'named' | 'anything';
  /** What it answers may have been written by a stranger. */
  untrusted: boolean;
  /** It carries data out of the installation. */
  sends: boolean;
  /** A secret is handed out for it. */
  secrets: boolean;
}

const QUIET = { reads: 'nothing', untrusted: false, sends: false, secrets: false } as const;
const SEND = { ...QUIET, target: 'send', effects: 'irreversible', sends: true } as const;

/**
 * Tools by name, those that policies may speak of before they exist among them. A command in the sandbox may read any
 * file without naming it, and its output is whatever the program says.
 */
export const TOOL_TRAITS: Readonly<Record<string, ToolTraits>> = {
  'execution.submit': { ...QUIET, target: 'execution', effects: 'none' },
  'file.list': { ...QUIET, target: 'path', effects: 'none' },
  'file.read': { ...QUIET, target: 'path', effects: 'none', reads: 'named' },
  'file.write': { ...QUIET, target: 'path', effects: 'reversible' },
  'file.delete': { ...QUIET, target: 'path', effects: 'reversible' },
  'shell.run': { ...QUIET, target: 'command', effects: 'reversible', reads: 'anything', untrusted: true },
  'http.request': { ...SEND, untrusted: true },
  'mail.send': SEND,
  'chat.post': SEND,
  'secret.use': { ...QUIET, target: null, effects: 'none', secrets: true },
};

const UNKNOWN: ToolTraits = {
  target: null,
  effects: 'irreversible',
  reads: 'anything',
  untrusted: true,
  sends: true,
  secrets: false,
};

/** Of `<name>` or `<name>@v<n>`; of a tool nobody knows the worst is assumed. */
export const traitsOf = (tool: string): ToolTraits => {
  const name = tool.split('@', 1)[0]!;
  return Object.hasOwn(TOOL_TRAITS, name) ? TOOL_TRAITS[name]! : UNKNOWN;
};

/** `<name>@v<n>` of `<name>@v<n>` or `<name>`, which is version 1. */
export const toolIdOf = (tool: string): string => (tool.includes('@') ? tool : `${tool}@v1`);
