import { plainText } from '#client';
import { type Command } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import { instant } from '../output/time.rules.js';
import { wholeList } from '../pages.js';

const list = async ({ terminal, session, json }: Cli): Promise<number> => {
  const items = await session.signedIn((client) => wholeList((page) => client.teams.list(page)));
  if (json) terminal.json(items);
  else {
    terminal.table(
      [{ title: 'ID' }, { title: 'NAME', flexible: true }, { title: 'YOUR ROLE' }, { title: 'SINCE (UTC)' }],
      items.map(({ id, name, role, created_at }) => [shortId(id), name, role ?? 'none', instant(created_at)]),
    );
  }
  return EXIT.ok;
};

const create = async ({ terminal, session, json }: Cli, name: string): Promise<number> => {
  const team = await session.signedIn((client) => client.teams.create(name));
  if (json) terminal.json(team);
  else terminal.say(plainText(`Team ${team.name} is made: ${team.id}. You are its first admin.`));
  return EXIT.ok;
};

export const addTeamCommands = (program: Command, perform: Perform): void => {
  const teams = program.command('teams').description('the teams you are in');
  teams
    .command('list', { isDefault: true })
    .description('your teams; for an installation admin all of them')
    .action(perform(list));
  teams
    .command('create')
    .argument('<name>', 'unique in the installation')
    .description('make a team; for installation admins')
    .action(perform(create));
};
