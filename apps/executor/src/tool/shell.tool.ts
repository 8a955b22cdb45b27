import { fields } from '#contracts';
import { isAppError } from '#kernel';
import type { ToolEffect } from '../contract/contract.types.js';
import type { SandboxResult } from '../sandbox/sandbox.js';
import type { Tool, ToolEnvironment, ToolLimits, ToolResult } from './tool.js';

const { Int, Json, Texts } = fields;
const MAX_TIMEOUT_MS = 600_000;
/** Refusals of the sandbox. What it could not stop may still write: that is not the tool's failure but the engine's. */
const NOTHING_WAS_RUN: ReadonlySet<string> = new Set([
  'sandbox.failed',
  'sandbox.command_invalid',
  'sandbox.workspace_invalid',
  'sandbox.workspace_owned_by_root',
]);

export class ShellRunArguments {
  @Texts({ max: 256, maxLength: 8192, doc: 'Program and arguments; no shell reads them.' }) argv!: string[];
  @Json({ optional: true, doc: 'Environment variables, name -> text; nothing is inherited.' }) env?: Record<
    string,
    string
  >;
  @Int({ optional: true, min: 1, max: MAX_TIMEOUT_MS, doc: 'Milliseconds, 1..600000, default 60000.' })
  timeout_ms?: number;
}

/** A program in the sandbox: no network, a read-only system, the workspace as its current folder. */
export class ShellRun implements Tool<ShellRunArguments> {
  readonly name = 'shell.run';
  readonly version = 1;
  readonly effects = 'reversible';
  readonly description = 'Runs a program in the sandbox, with the workspace as its current folder.';
  readonly arguments = ShellRunArguments;

  target = ({ argv }: ShellRunArguments) => ({ kind: 'command', program: argv[0] ?? '', path: '.' });
  paths = ({ argv, env }: ShellRunArguments) => namedPaths([...argv, ...Object.values(env ?? {})]);
  effect = (): ToolEffect => ({ may: 'whole', must: [] });

  async run(args: ShellRunArguments, environment: ToolEnvironment, limits: ToolLimits): Promise<ToolResult> {
    const wrong = problemOf(args);
    if (wrong) return { ok: false, output: null, failure: { code: 'shell.arguments_invalid', message: wrong } };
    let result: SandboxResult;
    try {
      result = await environment.sandbox.run({
        argv: args.argv,
        env: { PATH: '/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8', ...args.env },
        workspace: environment.root.path,
        timeout_ms: Math.min(args.timeout_ms ?? limits.timeoutMs, MAX_TIMEOUT_MS),
        output_limit_bytes: limits.outputBytes,
        signal: environment.signal,
      });
    } catch (error) {
      if (!isAppError(error) || !NOTHING_WAS_RUN.has(error.code)) throw error;
      return { ok: false, output: null, failure: { code: error.code, message: error.message } };
    }
    const { exit_code, stdout, stderr, truncated } = result;
    const output = { exit_code, stdout, stderr, truncated, sandbox: environment.sandbox.kind };
    const failure = failureOf(result, limits.exitCodes);
    return failure ? { ok: false, output, failure } : { ok: true, output };
  }
}

/** Most words that can be paths of a workspace, and how many of them are looked at. */
const MAX_NAMED = 1_000;

/**
 * Whatever in the command may name a path of the workspace, also inside a script: each word that is not an option and
 * does not leave the workspace. What it touches without naming it is seen afterwards.
 */
const namedPaths = (texts: unknown[]): string[] => {
  const words = texts.flatMap((text) => (typeof text === 'string' ? text.split(/[\s'"`;|&<>()={},:]+/) : []));
  const paths = words.map((word) => word.replace(/^(?:\.\/)+/, '').replace(/\/+$/, ''));
  return [...new Set(paths)]
    .filter((path) => path !== '' && path !== '.' && !/^[-/]/.test(path) && !path.split('/').includes('..'))
    .slice(0, MAX_NAMED);
};

const problemOf = ({ argv, env }: ShellRunArguments): string | null => {
  if (argv.length === 0 || argv[0] === '') return 'argv names no program.';
  if (argv.some((text) => text.includes('\0'))) return 'argv holds a NUL character.';
  const bad = Object.entries(env ?? {}).find(
    ([name, value]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || typeof value !== 'string' || value.includes('\0'),
  );
  return bad ? `env.${bad[0]} is not a name with a text.` : null;
};

const failureOf = (result: SandboxResult, exitCodes: number[]): ToolResult['failure'] => {
  const { exit_code, signal, timed_out, cancelled } = result;
  if (cancelled) return { code: 'shell.cancelled', message: 'The program was stopped because the run was cancelled.' };
  if (timed_out) return { code: 'shell.timed_out', message: 'The program ran longer than it may.' };
  if (exit_code !== null && exitCodes.includes(exit_code)) return undefined;
  const ended = exit_code === null ? `died of ${signal}` : `ended with code ${exit_code}`;
  return { code: 'shell.failed', message: `The program ${ended}.` };
};
