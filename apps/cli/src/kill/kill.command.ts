import { type KillSwitch, plainText, type SpecTraceClient } from '#client';
import { Argument, type Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cli, Perform } from '../cli.js';
import { isWholeId, resolveId, shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import { instant } from '../output/time.rules.js';
import { InvalidUse } from '../output/use.errors.js';
import { wholeList } from '../pages.js';
import { engagedLines, scopeText, stateText } from './kill.rules.js';

const SCOPES = ['all', 'team', 'agent', 'tool'] as const satisfies readonly KillSwitch['scope'][];

interface Options {
  agent?: string;
  tool?: string;
  reason?: string;
  rehearsal?: true;
}

const COUNTED_MS = 5_000;
const LOOK_MS = 250;

/** A rehearsal once every executor has counted; as it was last seen when they take too long. */
const counted = async (client: SpecTraceClient, begun: KillSwitch): Promise<KillSwitch> => {
  for (let waited = 0; waited < COUNTED_MS; waited += LOOK_MS) {
    const over = await client.killSwitches.list({ status: 'released' });
    const found = over.items.find(({ id }) => id === begun.id);
    if (found) return found;
    await delay(LOOK_MS);
  }
  return begun;
};

const engage = async (
  cli: Cli,
  scope: KillSwitch['scope'],
  { agent, tool, reason, rehearsal }: Options,
): Promise<number> => {
  if (!reason) throw new InvalidUse('A stop needs --reason: whoever is refused reads it.');
  const engaged = await cli.session.signedIn(async (client) => {
    const begun = await client.killSwitches.engage({
      ...{ scope, reason },
      ...(agent !== undefined && { agent_id: agent }),
      ...(tool !== undefined && { tool }),
      ...(rehearsal && { rehearsal }),
    });
    return rehearsal ? counted(client, begun) : begun;
  });
  if (cli.json) cli.terminal.json(engaged);
  else cli.terminal.say(...engagedLines(engaged).map(plainText));
  return EXIT.ok;
};

const status = async ({ terminal, session, json }: Cli): Promise<number> => {
  const items = await session.signedIn((client) => wholeList((page) => client.killSwitches.list(page)));
  if (json) terminal.json(items);
  else if (items.length === 0) terminal.say('No kill switch is engaged.');
  else {
    terminal.table(
      [
        { title: 'ID' },
        { title: 'STOPS' },
        { title: 'STATE' },
        { title: 'REASON', flexible: true },
        { title: 'SINCE (UTC)' },
      ],
      items.map((one) => [shortId(one.id), scopeText(one), stateText(one), one.reason, instant(one.requested_at)]),
    );
    for (const one of items) if (one.warning) terminal.say(plainText(`Warning: ${shortId(one.id)}: ${one.warning}`));
  }
  return EXIT.ok;
};

/** `--reason` is an option of `kill`, which takes it wherever it stands. */
const release = async (cli: Cli, part: string, _options: object, command: Command): Promise<number> => {
  const { reason } = command.optsWithGlobals<{ reason?: string }>();
  const released = await cli.session.signedIn(async (client) => {
    if (isWholeId(part)) return client.killSwitches.release(part, reason);
    const known = await wholeList((page) => client.killSwitches.list(page));
    const ids = known.map(({ id }) => id);
    return client.killSwitches.release(resolveId(part, ids, 'kill switch'), reason);
  });
  if (cli.json) cli.terminal.json(released);
  else cli.terminal.say(plainText(`Kill switch ${released.id} for ${scopeText(released)}: ${stateText(released)}.`));
  return EXIT.ok;
};

export const addKillCommands = (program: Command, perform: Perform): void => {
  const kill = program
    .command('kill')
    .description('stop agents: nothing new begins, what runs is cancelled')
    .addArgument(new Argument('<scope>', 'what to stop').choices(SCOPES))
    .option('--agent <id>', 'the agent, of scope agent')
    .option('--tool <name>', 'the tool, of scope tool: shell.run or shell.run@v1')
    .option('--reason <text>', 'why; whoever is refused reads it')
    .option('--rehearsal', 'stop nothing, report what would be stopped')
    .action(perform(engage));
  kill.command('status').description('what is stopped or stopping').action(perform(status));
  kill
    .command('release')
    .argument('<id>', 'a kill switch')
    .description('let agents in again, by stages')
    .action(perform(release));
};
