import { plainText, type Policy, type PolicyOverview, type SpecTraceClient } from '#client';
import { type Command } from 'commander';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Cli, Perform } from '../cli.js';
import { isWholeId, resolveId, shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import type { Column } from '../output/table.rules.js';
import { instant } from '../output/time.rules.js';
import { InvalidUse } from '../output/use.errors.js';
import { wholeList } from '../pages.js';
import {
  aboutText,
  checkLines,
  isBundleFile,
  newestFirst,
  shadowLines,
  standingText,
  statusText,
} from './policy.rules.js';

/** @throws InvalidUse */
const filesOf = (folder: string): Record<string, string> => {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isBundleFile);
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  } catch (error) {
    throw new InvalidUse(`The policies in ${folder} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
};

const tell = (cli: Cli, policy: Policy, lines: string[]): void => {
  if (cli.json) cli.terminal.json(policy);
  else cli.terminal.say(...lines.map(plainText));
};

/** The same files on the same epoch are one draft, so that a command that is typed again leaves nothing behind. */
const drafted = (
  cli: Cli,
  folder: string,
  work: (client: SpecTraceClient, id: string) => Promise<Policy>,
): Promise<Policy> => {
  const files = filesOf(resolve(cli.folder, folder));
  return cli.session.signedIn(async (client) => work(client, (await client.policies.draft({ files })).id));
};

const validate = async (cli: Cli, folder: string): Promise<number> => {
  const policy = await drafted(cli, folder, (client, id) => client.policies.validate(id));
  tell(cli, policy, checkLines(policy.check!));
  return policy.check!.ok ? EXIT.ok : EXIT.invalid;
};

const test = async (cli: Cli, folder: string): Promise<number> => {
  const policy = await drafted(cli, folder, (client, id) => client.policies.validate(id));
  const { tests_passed, tests_failed, problems } = policy.check!;
  const failed = problems.filter(({ path }) => path.startsWith('tests/'));
  const broken = policy.check!.ok || failed.length > 0 ? [] : checkLines(policy.check!);
  const lines = failed.map(({ path, message }) => `${path}: ${message}`);
  tell(cli, policy, [...broken, ...lines, `${tests_passed} passed, ${tests_failed} failed.`]);
  return policy.check!.ok ? EXIT.ok : EXIT.invalid;
};

const shadow = async (cli: Cli, folder: string): Promise<number> => {
  const policy = await drafted(cli, folder, (client, id) => client.policies.shadow(id));
  tell(cli, policy, shadowLines(policy.shadow!));
  return EXIT.ok;
};

const publish = async (cli: Cli, folder: string, { note }: { note?: string }): Promise<number> => {
  const files = filesOf(resolve(cli.folder, folder));
  const policy = await cli.session.signedIn(async (client) => {
    const { id } = await client.policies.draft({ files, ...(note !== undefined && { note }) });
    await client.policies.shadow(id);
    return client.policies.publish(id);
  });
  tell(cli, policy, [...checkLines(policy.check!), ...shadowLines(policy.shadow!), standingText(policy)]);
  return EXIT.waitingForApproval;
};

/** What is in force, and everything that was written. */
const known = async (client: SpecTraceClient): Promise<Pick<PolicyOverview, 'epoch' | 'policy_id' | 'items'>> => {
  let newest: PolicyOverview | null = null;
  const items = await wholeList(async (page) => {
    const overview = await client.policies.overview(page);
    newest ??= overview;
    return overview;
  });
  const { epoch, policy_id } = newest!;
  return { epoch, policy_id, items };
};

const COLUMNS: Column[] = [
  { title: 'ID' },
  { title: 'EPOCH' },
  { title: 'STATUS' },
  { title: 'WHAT', flexible: true },
  { title: 'AUTHOR', flexible: true },
  { title: 'SINCE (UTC)' },
];

const list = async ({ terminal, session, json }: Cli): Promise<number> => {
  const { epoch, policy_id, items } = await session.signedIn(known);
  const policies = newestFirst(items);
  if (json) terminal.json({ epoch, policy_id, items: policies });
  else {
    if (!policy_id) terminal.say(`The shipped policies are in force as epoch ${epoch}.`);
    if (policies.length > 0) {
      terminal.table(
        COLUMNS,
        policies.map((one) => [
          ...[shortId(one.id), String(one.epoch ?? ''), statusText(one, policy_id ?? null)],
          ...[aboutText(one), one.author.name, instant(one.published_at ?? one.created_at)],
        ]),
      );
    }
  }
  return EXIT.ok;
};

const policyId = async (client: SpecTraceClient, part: string): Promise<string> => {
  if (isWholeId(part)) return part;
  const ids = (await known(client)).items.map(({ id }) => id);
  return resolveId(part, ids, 'policy');
};

const answer =
  (decision: 'approve' | 'reject') =>
  async (cli: Cli, part: string, { reason = '' }: { reason?: string }): Promise<number> => {
    const policy = await cli.session.signedIn(async (client) =>
      client.policies[decision](await policyId(client, part), reason),
    );
    tell(cli, policy, [standingText(policy)]);
    return EXIT.ok;
  };

const rollback = async (cli: Cli, part: string, { reason }: { reason: string }): Promise<number> => {
  const policy = await cli.session.signedIn(async (client) =>
    client.policies.rollback(await policyId(client, part), reason),
  );
  tell(cli, policy, [standingText(policy)]);
  return EXIT.waitingForApproval;
};

export const addPolicyCommands = (program: Command, perform: Perform): void => {
  const policy = program
    .command('policy')
    .description('what decides about actions: a folder of policies, from draft to force');
  policy.command('list').description('what is in force, and what was written, newest first').action(perform(list));
  const onFolder = (name: string, description: string): Command =>
    policy.command(name).argument('<folder>', 'a folder like policies/').description(description);
  onFolder('validate', 'parse and validate a folder, and run its tests').action(perform(validate));
  onFolder('test', 'run the tests of a folder').action(perform(test));
  onFolder('shadow', 'replay what was decided lately under a folder').action(perform(shadow));
  onFolder('publish', 'try a folder and ask people for it')
    .option('--note <text>', 'what changes and why')
    .action(perform(publish));
  const onId = (name: string, description: string): Command =>
    policy.command(name).argument('<id>', 'one of the list').description(description);
  onId('approve', 'say yes to these very policies')
    .option('--reason <text>', 'why')
    .action(perform(answer('approve')));
  onId('reject', 'say no')
    .requiredOption('--reason <text>', 'why')
    .action(perform(answer('reject')));
  onId('rollback', 'ask for what was in force before')
    .requiredOption('--reason <text>', 'why')
    .action(perform(rollback));
};
