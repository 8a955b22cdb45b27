import { Command, CommanderError } from 'commander';
import { addApprovalCommands } from './approval/approval.command.js';
import { addBypassCommands } from './bypass/bypass.command.js';
import type { Perform } from './cli.js';
import { baseUrl, type CliEnv } from './env.js';
import { addExecutionCommands } from './execution/execution.command.js';
import { addRunCommands } from './execution/run.command.js';
import { addKillCommands } from './kill/kill.command.js';
import { addKeyCommands } from './key/key.command.js';
import { addLoginCommands } from './login/login.command.js';
import { CredentialsFile } from './login/credentials.js';
import { Session } from './login/session.js';
import { addMemberCommands } from './member/member.command.js';
import { EXIT } from './output/exit.rules.js';
import { failureLines, failureOf } from './output/failure.js';
import { Terminal } from './output/terminal.js';
import { addPolicyCommands } from './policy/policy.command.js';
import { addTeamCommands } from './team/team.command.js';

interface GlobalOptions {
  url?: string;
  json?: true;
}

const COMMANDS = [
  addLoginCommands,
  addRunCommands,
  addApprovalCommands,
  addBypassCommands,
  addKillCommands,
  addPolicyCommands,
  addExecutionCommands,
  addMemberCommands,
  addTeamCommands,
  addKeyCommands,
];

const build = (env: CliEnv, terminal: Terminal, ended: (exitCode: number) => void): Command => {
  const program = new Command('spectrace')
    .description('SpecTrace from the command line. Ids may be shortened to their beginning or end.')
    .option('--url <address>', 'where SpecTrace answers (default: SPECTRACE_URL, else where the last login went)')
    .option('--json', 'answer with JSON, for programs')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  const perform: Perform =
    (work) =>
    async (...args) => {
      const { url, json = false } = program.opts<GlobalOptions>();
      const named = url === undefined ? env.url : baseUrl(url, '--url');
      const session = new Session(new CredentialsFile(env.credentialsFile), terminal, named, env.apiKey);
      ended(await work({ terminal, session, json, folder: env.folder }, ...args));
    };
  for (const add of COMMANDS) add(program, perform);
  return program;
};

/** What commander itself refuses: one sentence, without its label. */
const useFailure = ({ code, message, exitCode }: CommanderError) =>
  exitCode === 0
    ? null
    : { exitCode: EXIT.invalid, code, message: message.replace(/^error: /, ''), errors: [], request_id: null };

/**
 * Carries out one command line; the answer is the exit code.
 * @throws whatever nobody foresaw
 */
export const runCli = async (args: readonly string[], env: CliEnv): Promise<number> => {
  const terminal = new Terminal(env.width);
  let exitCode: number = EXIT.ok;
  const program = build(env, terminal, (code) => (exitCode = code));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    // Called without a command, commander has shown its help.
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.invalid;
    const failure = error instanceof CommanderError ? useFailure(error) : failureOf(error);
    if (!failure) throw error;
    const { exitCode: code, ...problem } = failure;
    if (program.opts<GlobalOptions>().json) terminal.warn(JSON.stringify({ error: problem }));
    else terminal.warn(...failureLines(failure));
    return code;
  }
};
