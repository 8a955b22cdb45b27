import { type Approval, plainText, type SpecTraceClient } from '#client';
import { type Command } from 'commander';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Cli, Perform } from '../cli.js';
import { isWholeId, resolveId, shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import type { Column } from '../output/table.rules.js';
import { duration, instant } from '../output/time.rules.js';
import { InvalidUse } from '../output/use.errors.js';
import { wholeList } from '../pages.js';
import { actionText, answerText, approvalLines } from './approval.rules.js';

const expiresIn = ({ expires_at }: Approval): string => {
  const leftMs = Date.parse(expires_at) - Date.now();
  return leftMs > 0 ? duration(leftMs) : 'expired';
};

const COLUMNS: Column[] = [{ title: 'ID' }, { title: 'ACTION', flexible: true }, { title: 'REASONS', flexible: true }];

/** What waits; identical requests are one line. */
const CARDS = { status: 'pending', group: 'digest' } as const;

const list = async ({ terminal, session, json }: Cli, { all }: { all?: true }): Promise<number> => {
  const items = await session.signedIn((client) =>
    wholeList((page) => client.approvals.list({ ...page, ...(!all && CARDS) })),
  );
  const times = ({ same_as }: Approval): string =>
    all || same_as.length === 0 ? '' : ` (${same_as.length + 1} times)`;
  const cells = (one: Approval): string[] => [shortId(one.id), actionText(one) + times(one), one.reasons.join(' ')];
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

const tell = ({ terminal, json }: Cli, answers: Approval[]): number => {
  if (json) terminal.json(answers.length === 1 ? answers[0] : answers);
  else for (const answer of answers) terminal.say(plainText(answerText(answer)));
  return EXIT.ok;
};

interface AnswerOptions {
  digest?: string;
  same?: true;
}

/** Each of identical requests is answered by itself, the named one first. */
const answerAll = async (
  cli: Cli,
  part: string,
  { same }: AnswerOptions,
  answer: (client: SpecTraceClient, id: string) => Promise<Approval>,
): Promise<number> =>
  tell(
    cli,
    await cli.session.signedIn(async (client) => {
      const id = await approvalId(client, part);
      const others = same ? (await client.approvals.get(id)).same_as : [];
      const answers = [];
      for (const one of [id, ...others]) answers.push(await answer(client, one));
      return answers;
    }),
  );

interface ApproveOptions extends AnswerOptions {
  reason?: string;
  edit?: string;
}

const approve = (cli: Cli, part: string, { edit, ...options }: ApproveOptions): Promise<number> => {
  const { reason, digest } = options;
  const written = edit === undefined ? null : readArguments(resolve(cli.folder, edit));
  return answerAll(cli, part, options, async (client, id) => {
    if (!written) return client.approvals.approve(id, { reason, digest });
    const seen = digest ?? (await client.approvals.get(id)).digest;
    return client.approvals.approve(id, { reason, digest: seen, arguments: written });
  });
};

const reject = (cli: Cli, part: string, options: AnswerOptions & { reason: string }): Promise<number> => {
  const { reason, digest } = options;
  return answerAll(cli, part, options, (client, id) => client.approvals.reject(id, { reason, digest }));
};

/** @throws InvalidUse */
const readArguments = (file: string): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : (error as NodeJS.ErrnoException).code;
    throw new InvalidUse(`The arguments in ${file} cannot be read: ${why}.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidUse(`The arguments in ${file} are not a JSON object.`);
};

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
    .option('--edit <file.json>', 'say yes to these arguments instead, all of them')
    .option('--digest <digest>', 'what you looked at; needed once somebody has edited it')
    .option('--same', 'also to every other request for exactly the same action')
    .action(perform(approve));
  program
    .command('reject')
    .argument('<id>', 'an approval')
    .description('say no')
    .requiredOption('--reason <text>', 'why')
    .option('--digest <digest>', 'what you looked at')
    .option('--same', 'also to every other request for exactly the same action')
    .action(perform(reject));
};
