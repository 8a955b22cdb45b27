import { type Execution, type ExecutionResult, type ExecutionStatus, narrate, plainText, type Step } from '#client';
import { type Command, Option } from 'commander';
import type { Cli, Perform } from '../cli.js';
import { shortId } from '../id/id.rules.js';
import { EXIT } from '../output/exit.rules.js';
import { instant } from '../output/time.rules.js';
import { wholeList } from '../pages.js';
import { executionId } from './execution-id.js';
import { statusText } from './follow.js';

const STATUSES = [
  'submitted',
  'denied',
  'awaiting_approval',
  'queued',
  'running',
  'paused',
  'verifying',
  'succeeded',
  'rolled_back',
  'partially_rolled_back',
  'rollback_failed',
  'unverifiable',
  'failed',
  'cancelled',
  'expired',
] as const satisfies readonly ExecutionStatus[];

const list = async ({ terminal, session, json }: Cli, { status }: { status?: ExecutionStatus }): Promise<number> => {
  const items = await session.signedIn((client) =>
    wholeList((page) => client.executions.list({ ...page, ...(status && { status }) })),
  );
  if (json) terminal.json(items);
  else if (items.length === 0) terminal.say(status ? `No execution is ${status}.` : 'There are no executions yet.');
  else {
    terminal.table(
      [
        { title: 'ID' },
        { title: 'STATUS' },
        { title: 'RISK' },
        { title: 'CREATED (UTC)' },
        { title: 'TASK', flexible: true },
      ],
      items.map((one) => [
        shortId(one.id),
        statusText(one),
        one.risk_score.toFixed(2),
        instant(one.created_at),
        one.task_description,
      ]),
    );
  }
  return EXIT.ok;
};

const headOf = (run: ExecutionResult): string[] =>
  [
    `execution ${run.id}`,
    `task      ${run.task_description}`,
    `status    ${statusText(run)}${run.failure ? `: ${run.failure.message} (${run.failure.code})` : ''}`,
    `risk      ${run.risk_score.toFixed(2)}, deception ${run.deception_probability.toFixed(2)}`,
    `agent     ${run.agent_id} (${run.agent_type})`,
    ...(run.workspace ? [`workspace ${run.workspace.path}`] : []),
    `by        ${run.principal.name} at ${instant(run.created_at)} UTC`,
    ...(run.finished_at ? [`finished  ${instant(run.finished_at)} UTC`] : []),
  ].map(plainText);

const stepLines = (step: Step): string[] => [
  ...narrate({ type: 'step_update', kind: 'step.proposed', step }),
  ...narrate({ type: 'step_update', kind: 'step', step }),
];

/** An answer holds the first steps of a run; the rest comes in pages. */
const allSteps = async ({ session }: Cli, { id, execution_trace }: ExecutionResult): Promise<Step[]> => {
  const last = execution_trace.at(-1)?.step ?? 0;
  const rest = await session.signedIn((client) =>
    wholeList(({ limit, cursor }) => client.executions.steps(id, { limit, after: Number(cursor ?? last) })),
  );
  return [...execution_trace, ...rest];
};

const show = async (cli: Cli, part: string): Promise<number> => {
  const { terminal, session, json } = cli;
  const run = await session.signedIn(async (client) => client.executions.get(await executionId(client, part)));
  const steps = await allSteps(cli, run);
  if (json) terminal.json({ ...run, execution_trace: steps });
  else {
    terminal.say(...headOf(run), ...steps.flatMap(stepLines));
    for (const { severity, sentence } of run.spec_violations) {
      terminal.say(plainText(`violation ${severity}: ${sentence}`));
    }
  }
  return EXIT.ok;
};

type Asked = 'pause' | 'resume' | 'cancel' | 'rollback';

const ASKED: Record<Asked, { does: string; says: string }> = {
  pause: { does: 'ask a run to wait before its next action', says: 'is asked to pause' },
  resume: { does: 'let a paused run go on; an inconclusive effect is kept', says: 'goes on' },
  cancel: { does: 'ask a run to end; what is under way is undone', says: 'is asked to end' },
  rollback: {
    does: 'ask for everything a run changed to be undone, while it runs or after it ended',
    says: 'is asked to roll back',
  },
};

const ask =
  (request: Asked) =>
  async ({ terminal, session, json }: Cli, part: string, { reason }: { reason?: string }): Promise<number> => {
    const run: Execution = await session.signedIn(async (client) =>
      client.executions[request](await executionId(client, part), reason),
    );
    if (json) terminal.json(run);
    else terminal.say(`Execution ${run.id} ${ASKED[request].says}; it is ${statusText(run)}.`);
    return EXIT.ok;
  };

export const addExecutionCommands = (program: Command, perform: Perform): void => {
  program
    .command('executions')
    .description("the team's runs, newest first")
    .addOption(new Option('--status <status>', 'only runs in this status').choices(STATUSES))
    .action(perform(list));
  program
    .command('show')
    .argument('<id>', 'an execution')
    .description('one run with the five facts of every action')
    .action(perform(show));
  for (const [request, { does }] of Object.entries(ASKED)) {
    program
      .command(request)
      .argument('<id>', 'an execution')
      .description(does)
      .option('--reason <text>', 'why; it is kept in the record')
      .action(perform(ask(request as Asked)));
  }
};
