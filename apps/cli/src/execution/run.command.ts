import { Narrator, type Execution, type SubmitExecution } from '#client';
import { type Command } from 'commander';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Cli, Perform } from '../cli.js';
import { COMMAND, EXIT, exitCodeOf, isWaiting } from '../output/exit.rules.js';
import { InvalidUse } from '../output/use.errors.js';
import { executionId } from './execution-id.js';
import { follow } from './follow.js';
import { parseInputs } from './inputs.rules.js';

interface RunOptions {
  workspace: string;
  input: string[];
  task?: string;
  watch: boolean;
  wait?: true;
}

/** @throws InvalidUse */
const readPlaybook = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidUse(`The playbook ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
};

/** @throws InvalidUse */
const checkFolder = (folder: string): void => {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InvalidUse(`The workspace ${folder} is not a folder.`);
  }
};

const submit = (cli: Cli, file: string, options: RunOptions): Promise<Execution> => {
  const source = readPlaybook(resolve(cli.folder, file));
  const path = resolve(cli.folder, options.workspace);
  checkFolder(path);
  const inputs = parseInputs(options.input);
  return cli.session.signedIn(async (client) => {
    const { name, digest, description } = await client.playbooks.register(source);
    const task: SubmitExecution = {
      task_description: options.task ?? description ?? `Run the playbook ${name}.`,
      agent_type: 'playbook',
      playbook: { digest, inputs },
      workspace: { kind: 'local', path },
    };
    return client.execute(task);
  });
};

const sayWaiting = ({ terminal }: Cli): void =>
  terminal.say(
    'One action waits for a person:',
    `  ${COMMAND} approvals`,
    `  ${COMMAND} approve <id>      (or reject <id> --reason …; unanswered, it is denied)`,
  );

const run = async (cli: Cli, file: string, options: RunOptions): Promise<number> => {
  const { terminal, json } = cli;
  const submitted = await submit(cli, file, options);
  if (!options.watch && !options.wait) {
    if (json) terminal.json(submitted);
    else terminal.say(submitted.id);
    return EXIT.ok;
  }
  if (!json) terminal.say(`Execution ${submitted.id}`);
  const narrator = new Narrator();
  const ended = await follow(cli, submitted.id, {
    patient: options.wait === true,
    tell: (frame) => !json && terminal.say(...narrator.lines(frame)),
  });
  if (json) terminal.json(ended);
  else if (isWaiting(ended)) sayWaiting(cli);
  return exitCodeOf(ended);
};

const watch = async (cli: Cli, part: string): Promise<number> => {
  const { terminal, session, json } = cli;
  const id = await session.signedIn((client) => executionId(client, part));
  const narrator = new Narrator();
  const ended = await follow(cli, id, {
    patient: true,
    tell: (frame) => (json ? terminal.jsonLine(frame) : terminal.say(...narrator.lines(frame))),
  });
  return exitCodeOf(ended);
};

const collected = (value: string, before: string[]): string[] => [...before, value];

export const addRunCommands = (program: Command, perform: Perform): void => {
  program
    .command('run')
    .argument('<playbook.yaml>', 'the playbook file; it is registered first')
    .description('run a playbook on a folder and tell what happens, until it ends or waits for a person')
    .requiredOption('--workspace <folder>', 'the folder it may see and change')
    .option('--input <name=value>', 'an input of the playbook, JSON or text; may be repeated', collected, [])
    .option('--task <text>', 'what it is to do, in words')
    .option('--watch', 'tell what happens as it happens (the default)', true)
    .option('--no-watch', 'submit, print the id and be done')
    .option('--wait', 'go on while it waits for people, until it has ended')
    .addHelpText('after', EXIT_CODES)
    .action(perform(run));
  program
    .command('watch')
    .argument('<id>', 'an execution')
    .description('tell a run from its beginning until it has ended')
    .addHelpText('after', EXIT_CODES)
    .action(perform(watch));
};

const EXIT_CODES = `
Exit codes: 0 succeeded, 1 failed, 2 rolled back, 3 rollback failed or incomplete, 4 waiting for approval, 5 invalid.`;
