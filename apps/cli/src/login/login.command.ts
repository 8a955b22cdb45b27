import { type Me, plainText } from '#client';
import { type Command } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { COMMAND, EXIT } from '../output/exit.rules.js';
import { instant } from '../output/time.rules.js';
import { InvalidUse } from '../output/use.errors.js';

const FIRST_ADMIN = 'admin@localhost';

interface LoginOptions {
  email?: string;
  passwordStdin?: true;
}

const needsInput = (what: string): InvalidUse =>
  new InvalidUse(`There is nobody to ask for the ${what}: give --email, and the password by --password-stdin.`);

/** The password, and what replaces it if it turns out to be a one-time password; null: nobody has said. */
const askedPassword = async (
  { terminal }: Cli,
  { passwordStdin }: LoginOptions,
  email: string,
): Promise<[password: string, own: string | null]> => {
  if (!passwordStdin && !terminal.isInteractive) throw needsInput('password');
  const [password = '', own = ''] = passwordStdin
    ? await terminal.inputLines()
    : [await terminal.askHidden(`Password of ${email}`)];
  if (password === '') throw new InvalidUse('The password is empty.');
  return [password, own || null];
};

const askedNewPassword = async ({ terminal }: Cli): Promise<string> => {
  const replacement = await terminal.askHidden('New password, at least 8 characters');
  if (replacement !== (await terminal.askHidden('New password again'))) {
    throw new InvalidUse('The two new passwords differ; nothing was changed.');
  }
  return replacement;
};

const askedEmail = async ({ terminal, session }: Cli, given: string | undefined): Promise<string> => {
  if (given) return given;
  if (!terminal.isInteractive) throw needsInput('e-mail address');
  return terminal.ask('E-mail address', session.email ?? FIRST_ADMIN);
};

const rolesOf = ({ roles }: Me): string => roles.join(', ') || 'without a role';

/** Replaces a one-time password where somebody says by what; true: it is replaced. */
const ownPassword = async (cli: Cli, old: string, own: string | null): Promise<boolean> => {
  if (own === null && !cli.terminal.isInteractive) return false;
  if (own === null) cli.terminal.warn('This password was for one time: set your own.');
  const replacement = own ?? (await askedNewPassword(cli));
  await cli.session.signedIn((client) => client.changePassword(old, replacement));
  return true;
};

/** Whoever gave out a one-time password could have signed in by it. */
const tellWhoIssued = async ({ terminal, session }: Cli): Promise<void> => {
  const { password_issued: issued } = await session.signedIn((client) => client.me());
  if (issued) terminal.warn(plainText(`${issued.by} was given this one-time password at ${instant(issued.at)} UTC.`));
};

const login = async (cli: Cli, options: LoginOptions): Promise<number> => {
  const { terminal, session } = cli;
  const email = await askedEmail(cli, options.email);
  const [password, own] = await askedPassword(cli, options, email);
  const { expires_at, password_change_required: oneTime } = await session.login(email, password);
  if (oneTime) await tellWhoIssued(cli);
  const password_change_required = oneTime && !(await ownPassword(cli, password, own));
  const me = await session.signedIn((client) => client.me());
  if (cli.json) {
    terminal.json({ url: session.url, email, team: me.team, roles: me.roles, expires_at, password_change_required });
    return EXIT.ok;
  }
  terminal.say(`Signed in at ${session.url} as ${email} (${rolesOf(me)}).`);
  if (password_change_required) {
    terminal.say(`This password was for one time: set your own with \`${COMMAND} password\` first.`);
  }
  return EXIT.ok;
};

const logout = async ({ terminal, session, json }: Cli): Promise<number> => {
  const ended = await session.logout();
  if (json) terminal.json({ ended });
  else terminal.say(ended ? `Signed out at ${session.url}.` : `Nobody is signed in at ${session.url}.`);
  return EXIT.ok;
};

const askedPasswords = async (cli: Cli, { passwordStdin }: LoginOptions): Promise<[string, string]> => {
  const { terminal } = cli;
  if (passwordStdin) {
    const [old = '', replacement = ''] = await terminal.inputLines();
    return [old, replacement];
  }
  if (!terminal.isInteractive) throw new InvalidUse('There is nobody to ask: give both passwords by --password-stdin.');
  const old = await terminal.askHidden('Old password');
  return [old, await askedNewPassword(cli)];
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
    .option(
      '--password-stdin',
      'read the password from the first line of standard input, and from the second what replaces a one-time password',
    )
    .action(perform(login));
  program.command('logout').description('end the login, here and at the server').action(perform(logout));
  program
    .command('password')
    .description('change your password')
    .option('--password-stdin', 'read the old and the new password from two lines of standard input')
    .action(perform(password));
};
