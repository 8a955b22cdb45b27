import { type NewMember, plainText, type TeamRole } from '#client';
import { Argument, type Command } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import { instant } from '../output/time.rules.js';
import { InvalidUse } from '../output/use.errors.js';
import { wholeList } from '../pages.js';

export const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const satisfies readonly TeamRole[];

const passwordLines = ({ one_time_password }: NewMember): string[] =>
  one_time_password ? [`One-time password, shown this once, good for 7 days: ${plainText(one_time_password)}`] : [];

const list = async ({ terminal, session, json }: Cli): Promise<number> => {
  const items = await session.signedIn(async (client) => {
    const { team } = await client.me();
    return wholeList((page) => client.members.list(team, page));
  });
  if (json) terminal.json(items);
  else {
    terminal.table(
      [{ title: 'ID' }, { title: 'E-MAIL', flexible: true }, { title: 'ROLE' }, { title: 'SINCE (UTC)' }],
      items.map(({ id, email, role, created_at }) => [shortId(id), email, role, instant(created_at)]),
    );
  }
  return EXIT.ok;
};

const add = async ({ terminal, session, json }: Cli, email: string, role: TeamRole): Promise<number> => {
  const added = await session.signedIn(async (client) => {
    const { team } = await client.me();
    return client.members.add(team, { email, role });
  });
  if (json) terminal.json(added);
  else {
    terminal.say(plainText(`${added.user.email} is now ${added.user.role} of the team.`));
    terminal.say(...passwordLines(added));
  }
  return EXIT.ok;
};

const issuePassword = async ({ terminal, session, json }: Cli, email: string): Promise<number> => {
  const issued = await session.signedIn(async (client) => {
    const { team } = await client.me();
    const members = await wholeList((page) => client.members.list(team, page));
    const member = members.find((one) => one.email === email.toLowerCase());
    if (!member) throw new InvalidUse(`Nobody in this team has the address "${email}".`);
    return client.members.issuePassword(team, member.id);
  });
  if (json) terminal.json(issued);
  else {
    terminal.say(plainText(`${issued.user.email} is signed out everywhere and has a new password.`));
    terminal.say(...passwordLines(issued));
  }
  return EXIT.ok;
};

export const addMemberCommands = (program: Command, perform: Perform): void => {
  program.command('members').description('who is in the team').action(perform(list));
  const member = program.command('member').description('change who is in the team, and how they get in');
  member
    .command('password')
    .argument('<email>', 'a member who cannot sign in')
    .description('give a member a new one-time password, which ends their logins')
    .action(perform(issuePassword));
  member
    .command('add')
    .argument('<email>', 'e-mail address')
    .addArgument(new Argument('<role>', 'what the person may do').choices(ROLES))
    .description('take a person into the team')
    .action(perform(add));
};
