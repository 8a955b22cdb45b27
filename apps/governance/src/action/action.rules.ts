import { type CallContext, governance } from '#contracts';
import type { PolicyRequest, PolicyTarget } from '../policy/policy.types.js';

/** The tool of the run itself; its key has step 0, and nothing else has. */
const { SUBMIT_TOOL } = governance;
const TOOL_ID = /^([a-z][a-z0-9_.-]{0,79})@v([1-9]\d{0,8})$/;
/** As in the text of an action key. */
const MAX_KEY_PART = 999_999_999;

export type PolicyQuestion = { kind: 'question'; request: PolicyRequest } | { kind: 'impossible'; reason: string };

/**
 * An action as policy is asked about it. What cannot be put to policy is impossible, hence denied.
 * @param approvers different people who approved exactly this action and still may
 */
export const policyQuestion = (
  ctx: Pick<CallContext, 'team' | 'principal'>,
  action: governance.DecideAction,
  approvers: number,
): PolicyQuestion => {
  const impossible = (reason: string): PolicyQuestion => ({ kind: 'impossible', reason });
  const [, name, version] = TOOL_ID.exec(action.tool) ?? [];
  if (!name || !version) return impossible('The tool is not named as <name>@v<n>.');
  if (action.step > MAX_KEY_PART || action.index > MAX_KEY_PART) return impossible('The action key is out of range.');
  const isRun = action.step === 0 && action.index === 0;
  if (isRun ? name !== SUBMIT_TOOL : action.step === 0) {
    return impossible(`Step 0 is the run itself, tool ${SUBMIT_TOOL}, and nothing else.`);
  }
  const target = targetOf(name, action);
  if (!target) return impossible(`No policy knows what ${name} acts upon.`);
  const { kind, id } = ctx.principal;
  return {
    kind: 'question',
    request: {
      team: ctx.team,
      principal: { kind, id },
      agent: { id: action.agent_id, version: action.agent_version },
      tool: { name, version },
      effects: action.effects,
      action_digest: action.digest,
      workspace: { id: action.workspace.id, registered: action.workspace.registered },
      target,
      held: action.held,
      risk: action.risk ?? null,
      sandbox: action.sandbox,
      taint: { ...action.taint },
      approvals: { role: 'approver', approvers },
    },
  };
};

const targetOf = (name: string, { paths, arguments: args, target }: governance.DecideAction): PolicyTarget | null => {
  switch (governance.traitsOf(name).target) {
    case 'path':
      return { kind: 'path', paths };
    case 'command':
      return { kind: 'command', paths };
    case 'send':
      return typeof target.host === 'string' ? { kind: 'send', host: target.host, paths } : null;
    case 'execution':
      return typeof args.driver === 'string' ? { kind: 'execution', driver: args.driver } : null;
    case null:
      return null;
  }
};
