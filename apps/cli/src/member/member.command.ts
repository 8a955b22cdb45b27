import { plainText, type TeamRole } from '#client';
import { Argument, type Command } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import { instant } from '../output/time.rules.js';
import { wholeList } from '../pages.js';

const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const satisfies readonly TeamRole[];

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
    if (added.one_time_password) {
      terminal.say(`One-time password, shown this once, good for 7 days: ${plainText(added.one_time_password)}`);
    }
  }
  return EXIT.ok;
};

export const addMemberCommands = (program: Command, perform: Perform): void => {
  program.command('members').description('who is in the team').action(perform(list));
  program
    .command('member')
    .description('change who is in the team')
    .command('add')
    .argument('<email>', 'e-mail address')
    .addArgument(new Argument('<role>', 'what the person may do').choices(ROLES))
    .description('take a person into the team')
    .action(perform(add));
};
