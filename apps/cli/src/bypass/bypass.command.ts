import { type Bypass, plainText, type SpecTraceClient } from '#client';
import { type Command, InvalidArgumentError } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { isWholeId, resolveId, shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import type { Column } from '../output/table.rules.js';
import { duration } from '../output/time.rules.js';
import { wholeList } from '../pages.js';

const COLUMNS: Column[] = [
  { title: 'ID' },
  { title: 'AGENT', flexible: true },
  { title: 'VERSION' },
  { title: 'TOOL' },
  { title: 'USED' },
  { title: 'GIVEN BY', flexible: true },
];

const endsIn = ({ expires_at }: Bypass): string => duration(Math.max(0, Date.parse(expires_at) - Date.now()));

const DIGEST_SHOWN = 'sha256:'.length + 12;

/** Which version of the agent it covers; of one that is not held, that this is so. */
const subjectOf = ({ agent_version, held }: Bypass): string =>
  agent_version ? `${agent_version.slice(0, DIGEST_SHOWN)}${held ? '' : ' (not held)'}` : '-';

const list = async ({ terminal, session, json }: Cli, { all }: { all?: true }): Promise<number> => {
  const items = await session.signedIn((client) =>
    wholeList((page) => client.bypasses.list({ ...page, ...(!all && { status: 'active' as const }) })),
  );
  if (json) terminal.json(items);
  else if (items.length === 0) terminal.say(all ? 'Nobody has given a bypass yet.' : 'No bypass is active.');
  else {
    terminal.table(
      [...COLUMNS, { title: all ? 'STATUS' : 'ENDS IN' }],
      items.map((one) => [
        shortId(one.id),
        one.agent_id,
        subjectOf(one),
        one.tool,
        `${one.used} of ${one.uses}`,
        one.given_by.name,
        all ? one.status : endsIn(one),
      ]),
    );
  }
  return EXIT.ok;
};

interface AddOptions {
  minutes: number;
  uses: number;
  reason: string;
}

const add = async ({ terminal, session, json }: Cli, agent_id: string, tool: string, options: AddOptions) => {
  const { minutes, uses, reason } = options;
  const given = await session.signedIn((client) => client.bypasses.add({ agent_id, tool, minutes, uses, reason }));
  if (json) terminal.json(given);
  else {
    terminal.say(
      plainText(`${given.agent_id} may use ${given.tool} ${given.uses} times without asking, for ${endsIn(given)}.`),
      `Revoke it with: spectrace bypass revoke ${shortId(given.id)}`,
    );
  }
  return EXIT.ok;
};

const bypassId = async (client: SpecTraceClient, part: string): Promise<string> => {
  if (isWholeId(part)) return part;
  const bypasses = await wholeList((page) => client.bypasses.list(page));
  return resolveId(
    part,
    bypasses.map(({ id }) => id),
    'bypass',
  );
};

const revoke = async ({ terminal, session, json }: Cli, part: string): Promise<number> => {
  const revoked = await session.signedIn(async (client) => client.bypasses.revoke(await bypassId(client, part)));
  if (json) terminal.json(revoked);
  else terminal.say(plainText(`${revoked.agent_id} has to ask again before it uses ${revoked.tool}.`));
  return EXIT.ok;
};

const whole = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
};

export const addBypassCommands = (program: Command, perform: Perform): void => {
  const bypass = program
    .command('bypass')
    .description(
      'let one agent use one tool for a while without asking, as it asked last, where one approver would do',
    );
  bypass
    .command('add')
    .argument('<agent>', 'the agent')
    .argument('<tool>', 'the tool, as in file.delete@v1; without a version, @v1')
    .requiredOption('--reason <text>', 'why')
    .option('--minutes <number>', 'how long', whole, 60)
    .option('--uses <number>', 'how often', whole, 20)
    .description('give one')
    .action(perform(add));
  bypass
    .command('list')
    .option('--all', 'also what is used up, has ended or was revoked')
    .description('those that are active')
    .action(perform(list));
  bypass.command('revoke').argument('<id>', 'a bypass').description('end one').action(perform(revoke));
};
