import type { CallContext, executor, Principal } from '#contracts';
import { missing, notYourself, unknownAgentType } from './execution.errors.js';

/** Drivers there are; an agent type that is none of them is refused by naming these. */
export const DRIVERS = ['playbook'] as const;
const DEFAULT_MAX_STEPS = 10;

export interface Submission {
  driver: (typeof DRIVERS)[number];
  agent_id: string;
  max_steps: number;
  on_behalf_of: Principal;
  playbook: executor.PlaybookChoice;
  workspace: executor.WorkspaceChoice;
}

/**
 * Whether a task is complete and its caller may submit it so.
 * @throws AppError located: `execution.agent_type_unknown`, `execution.incomplete`, `execution.on_behalf_of_refused`
 */
export const judgeSubmission = (ctx: CallContext, input: executor.SubmitExecution): Submission => {
  const driver = DRIVERS.find((name) => name === input.agent_type);
  if (!driver) throw unknownAgentType(input.agent_type, [...DRIVERS]);
  const { playbook, workspace } = input;
  if (!playbook) throw missing('/playbook', 'agent type "playbook" needs a playbook: its name or digest');
  if (Boolean(playbook.name) === Boolean(playbook.digest)) {
    throw missing('/playbook', 'a playbook is named by its name or by its digest, one of the two');
  }
  if (!workspace) throw missing('/workspace', 'the run needs a workspace: {"kind": "local", "path": …}');
  return {
    driver,
    agent_id: input.agent_id ?? playbook.name ?? driver,
    max_steps: input.max_steps ?? DEFAULT_MAX_STEPS,
    on_behalf_of: behalf(ctx, input.on_behalf_of),
    playbook,
    workspace,
  };
};

/** Defaults to whoever is behind the caller; a machine cannot name anybody else, or its owner could approve its runs. */
const behalf = (ctx: CallContext, named: string | undefined): Principal => {
  const self = ctx.on_behalf_of;
  if (named === undefined || named === self.id || named === self.name) return self;
  if (ctx.principal.kind !== 'person' || !ctx.roles.includes('admin')) throw notYourself();
  return { kind: 'person', id: named, name: named };
};
