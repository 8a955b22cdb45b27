import { type ApiKey, type CreateApiKey, plainText, type SpecTraceClient, type TeamRole } from '#client';
import { Argument, type Command, Option } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { isWholeId, resolveId, shortId } from '../id/id.rules.js';
import { ROLES } from '../member/member.command.js';
import { EXIT } from '../output/exit.rules.js';
import { instant } from '../output/time.rules.js';
import { InvalidUse } from '../output/use.errors.js';
import { wholeList } from '../pages.js';

const TYPES = ['agent', 'service', 'person'] as const satisfies readonly ApiKey['type'][];

interface CreateOptions {
  role?: TeamRole;
  scope?: string[];
  days?: number;
  uses?: number;
}

const allOf = (client: SpecTraceClient): Promise<ApiKey[]> => wholeList((page) => client.keys.list(page));

const usesText = ({ uses, usage_limit }: ApiKey): string => (usage_limit ? `${uses} of ${usage_limit}` : String(uses));

const list = async ({ terminal, session, json }: Cli): Promise<number> => {
  const items = await session.signedIn(allOf);
  if (json) terminal.json(items);
  else if (items.length === 0) terminal.say('There are no keys.');
  else {
    terminal.table(
      [
        ...[{ title: 'ID' }, { title: 'TYPE' }, { title: 'NAME', flexible: true as const }],
        ...[{ title: 'OF', flexible: true as const }, { title: 'STATE' }, { title: 'USED' }],
        { title: 'EXPIRES (UTC)' },
      ],
      items.map((key) => [
        ...[shortId(key.id), key.type, key.name, key.email, key.state, usesText(key)],
        instant(key.expires_at),
      ]),
    );
  }
  return EXIT.ok;
};

const create = async (
  { terminal, session, json }: Cli,
  type: ApiKey['type'],
  name: string | undefined,
  { role, scope, days, uses }: CreateOptions,
): Promise<number> => {
  const wish: CreateApiKey = {
    type,
    ...(name !== undefined && { name }),
    ...(role && { role }),
    ...(scope && { scopes: scope as CreateApiKey['scopes'] }),
    ...(days !== undefined && { expires_in_days: days }),
    ...(uses !== undefined && { usage_limit: uses }),
  };
  const made = await session.signedIn((client) => client.keys.create(wish));
  if (json) terminal.json(made);
  else terminal.say(`Key ${made.id}, shown this once; send it as X-API-Key:`, plainText(made.api_key));
  return EXIT.ok;
};

const revoke = async ({ terminal, session, json }: Cli, part: string): Promise<number> => {
  const id = await session.signedIn(async (client) => {
    const whole = isWholeId(part)
      ? part
      : resolveId(
          part,
          (await allOf(client)).map((key) => key.id),
          'key',
        );
    await client.keys.revoke(whole);
    return whole;
  });
  if (json) terminal.json({ id, revoked: true });
  else terminal.say(`Key ${id} is revoked: its next request is refused.`);
  return EXIT.ok;
};

const count = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidUse(`"${text}" is not a number from 1.`);
  return Number(text);
};

export const addKeyCommands = (program: Command, perform: Perform): void => {
  const keys = program.command('keys').description('API keys: what lets agents, machines and programs in');
  keys
    .command('list', { isDefault: true })
    .description('your keys; for an admin those of the team')
    .action(perform(list));
  keys
    .command('create')
    .addArgument(new Argument('<type>', 'who acts by it: an agent, a service, or you').choices(TYPES))
    .argument('[name]', 'its own name; needed for an agent and a service')
    .addOption(new Option('--role <role>', 'what it may do at most').choices(ROLES))
    .option('--scope <permission...>', 'permissions it is kept to')
    .option('--days <n>', 'days until it expires; 90 when absent', count)
    .option('--uses <n>', 'requests it is good for; any number when absent', count)
    .description('make a key, which is shown once')
    .action(perform(create));
  keys.command('revoke').argument('<id>', 'a key').description('let it in no more, for good').action(perform(revoke));
};
