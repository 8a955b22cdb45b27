import type { MessageClass, prediction } from '#contracts';
import type { WorkspaceRoot } from '#snapshots';
import type { ToolEffect } from '../contract/contract.types.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { ChangePreview } from './change-preview.js';

/** What a running tool may use; everything else is out of its reach. */
export interface ToolEnvironment {
  root: WorkspaceRoot;
  sandbox: Sandbox;
  /** Aborted when the run is cancelled or its lease is lost. */
  signal: AbortSignal;
  /** The same over all attempts of one action. */
  idempotency_key: string;
}

export interface ToolResult {
  ok: boolean;
  output: unknown;
  failure?: { code: string; message: string };
}

/**
 * One versioned tool: one folder-less class behind this interface. `A` are its validated arguments.
 * A tool reports its failures as a result; it throws only when the engine itself is at fault.
 */
export interface Tool<A extends object = object> {
  readonly name: string;
  readonly version: number;
  readonly effects: prediction.ToolEffects;
  readonly description: string;
  readonly arguments: MessageClass<A>;
  /** What is acted upon; part of the action digest. */
  target(args: A): Record<string, string | string[]>;
  /** Workspace paths the arguments name. */
  paths(args: A): string[];
  effect(args: A): ToolEffect;
  /**
   * What the call would change, told from the workspace as it is now, redacted; absent when only running it can tell.
   * Never throws and changes nothing; after `timeoutMs` a note has to do.
   */
  preview?(args: A, root: WorkspaceRoot, timeoutMs?: number): Promise<ChangePreview[]>;
  run(args: A, environment: ToolEnvironment, limits: ToolLimits): Promise<ToolResult>;
  /**
   * The result of a call that finished although nobody saw it finish, told from the workspace alone; absent when only
   * undoing and doing it again is safe.
   */
  reconcile?(args: A): unknown;
}

/** How long people may be kept waiting for a preview. */
export const PREVIEW_TIMEOUT_MS = 250;

export interface ToolLimits {
  timeoutMs: number;
  outputBytes: number;
  /** Exit codes of a program that count as success. */
  exitCodes: number[];
}

/** `<name>@v<n>`, as playbooks and journals spell it. */
export const toolId = (tool: { name: string; version: number }): string => `${tool.name}@v${tool.version}`;
