import { type Approval, plainText, type SpecTraceClient } from '#client';
import { type Command } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { isWholeId, resolveId, shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import type { Column } from '../output/table.rules.js';
import { duration, instant } from '../output/time.rules.js';
import { wholeList } from '../pages.js';
import { actionText, answerText, approvalLines } from './approval.rules.js';

const expiresIn = ({ expires_at }: Approval): string => {
  const leftMs = Date.parse(expires_at) - Date.now();
  return leftMs > 0 ? duration(leftMs) : 'expired';
};

const COLUMNS: Column[] = [{ title: 'ID' }, { title: 'ACTION', flexible: true }, { title: 'REASONS', flexible: true }];

const list = async ({ terminal, session, json }: Cli, { all }: { all?: true }): Promise<number> => {
  const items = await session.signedIn((client) =>
    wholeList((page) => client.approvals.list({ ...page, ...(!all && { status: 'pending' as const }) })),
  );
  const cells = (one: Approval): string[] => [shortId(one.id), actionText(one), one.reasons.join(' ')];
  if (json) terminal.json(items);
  else if (items.length === 0)
    terminal.say(all ? 'Nobody has been asked for anything yet.' : 'Nothing waits for a person.');
  else if (all) {
    terminal.table(
      [...COLUMNS, { title: 'STATUS' }, { title: 'REQUESTED (UTC)' }],
      items.map((one) => [...cells(one), one.status, instant(one.requested_at)]),
    );
  } else {
    terminal.table(
      [...COLUMNS, { title: 'EXPIRES IN' }],
      items.map((one) => [...cells(one), expiresIn(one)]),
    );
  }
  return EXIT.ok;
};

const approvalId = async (client: SpecTraceClient, part: string): Promise<string> => {
  if (isWholeId(part)) return part;
  const approvals = await wholeList((page) => client.approvals.list(page));
  return resolveId(
    part,
    approvals.map(({ id }) => id),
    'approval',
  );
};

const show = async ({ terminal, session, json }: Cli, part: string): Promise<number> => {
  const approval = await session.signedIn(async (client) => client.approvals.get(await approvalId(client, part)));
  if (json) terminal.json(approval);
  else terminal.say(...approvalLines(approval));
  return EXIT.ok;
};

const tell = ({ terminal, json }: Cli, approval: Approval): number => {
  if (json) terminal.json(approval);
  else terminal.say(plainText(answerText(approval)));
  return EXIT.ok;
};

const approve = async (cli: Cli, part: string, { reason }: { reason?: string }): Promise<number> =>
  tell(
    cli,
    await cli.session.signedIn(async (client) => client.approvals.approve(await approvalId(client, part), reason)),
  );

const reject = async (cli: Cli, part: string, { reason }: { reason: string }): Promise<number> =>
  tell(
    cli,
    await cli.session.signedIn(async (client) => client.approvals.reject(await approvalId(client, part), reason)),
  );

export const addApprovalCommands = (program: Command, perform: Perform): void => {
  const approvals = program
    .command('approvals')
    .description('what waits for a person')
    .option('--all', 'also what is answered, expired or withdrawn')
    .action(perform(list));
  approvals
    .command('show')
    .argument('<id>', 'an approval')
    .description('the exact action, its digest and what it would change')
    .action(perform(show));
  program
    .command('approve')
    .argument('<id>', 'an approval')
    .description('say yes to this very action')
    .option('--reason <text>', 'why')
    .action(perform(approve));
  program
    .command('reject')
    .argument('<id>', 'an approval')
    .description('say no')
    .requiredOption('--reason <text>', 'why')
    .action(perform(reject));
};
