import type { Me } from '#client';
import { type Command } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { COMMAND, EXIT } from '../output/exit.rules.js';
import { InvalidUse } from '../output/use.errors.js';
import { duration } from '../output/time.rules.js';

const FIRST_ADMIN = 'admin@localhost';

interface LoginOptions {
  email?: string;
  passwordStdin?: true;
}

const needsInput = (what: string): InvalidUse =>
  new InvalidUse(`There is nobody to ask for the ${what}: give --email, and the password by --password-stdin.`);

const askedPassword = async ({ terminal }: Cli, { passwordStdin }: LoginOptions, email: string): Promise<string> => {
  if (!passwordStdin && !terminal.isInteractive) throw needsInput('password');
  const password = passwordStdin ? (await terminal.inputLines())[0]! : await terminal.askHidden(`Password of ${email}`);
  if (password === '') throw new InvalidUse('The password is empty.');
  return password;
};

const askedEmail = async ({ terminal, session }: Cli, given: string | undefined): Promise<string> => {
  if (given) return given;
  if (!terminal.isInteractive) throw needsInput('e-mail address');
  return terminal.ask('E-mail address', session.email ?? FIRST_ADMIN);
};

const rolesOf = ({ roles }: Me): string => roles.join(', ') || 'without a role';

const login = async (cli: Cli, options: LoginOptions): Promise<number> => {
  const { terminal, session } = cli;
  const email = await askedEmail(cli, options.email);
  const answer = await session.login(email, await askedPassword(cli, options, email));
  const me = await session.signedIn((client) => client.me());
  const { expires_at, password_change_required } = answer;
  if (cli.json) {
    terminal.json({ url: session.url, email, team: me.team, roles: me.roles, expires_at, password_change_required });
    return EXIT.ok;
  }
  terminal.say(`Signed in at ${session.url} as ${email} (${rolesOf(me)}) for ${duration(answer.expires_in * 1_000)}.`);
  if (password_change_required) {
    terminal.say(`This password works only for a while: set your own with \`${COMMAND} password\`.`);
  }
  return EXIT.ok;
};

const askedPasswords = async ({ terminal }: Cli, { passwordStdin }: LoginOptions): Promise<[string, string]> => {
  if (passwordStdin) {
    const [old = '', replacement = ''] = await terminal.inputLines();
    return [old, replacement];
  }
  if (!terminal.isInteractive) throw new InvalidUse('There is nobody to ask: give both passwords by --password-stdin.');
  const old = await terminal.askHidden('Old password');
  const replacement = await terminal.askHidden('New password, at least 8 characters');
  if (replacement !== (await terminal.askHidden('New password again'))) {
    throw new InvalidUse('The two new passwords differ; nothing was changed.');
  }
  return [old, replacement];
};

const password = async (cli: Cli, options: LoginOptions): Promise<number> => {
  const [old, replacement] = await askedPasswords(cli, options);
  await cli.session.signedIn((client) => client.changePassword(old, replacement));
  if (cli.json) cli.terminal.json({ changed: true });
  else cli.terminal.say('Your password is changed.');
  return EXIT.ok;
};

export const addLoginCommands = (program: Command, perform: Perform): void => {
  program
    .command('login')
    .description('sign in; the login is kept in a file that only you may read')
    .option('--email <address>', 'who signs in; asked for when absent')
    .option('--password-stdin', 'read the password from the first line of standard input')
    .action(perform(login));
  program
    .command('password')
    .description('change your password')
    .option('--password-stdin', 'read the old and the new password from two lines of standard input')
    .action(perform(password));
};
