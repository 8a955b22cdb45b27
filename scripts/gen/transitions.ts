import { ACTION_TRANSITIONS } from '../../apps/executor/src/action/action.rules.js';
import { EXECUTION_TRANSITIONS } from '../../apps/executor/src/execution/execution.rules.js';
import { HOLD_TRANSITIONS } from '../../apps/executor/src/hold/hold.rules.js';
import { POLICY_TRANSITIONS } from '../../apps/governance/src/policy/policy-publish.rules.js';
import { APPROVAL_TRANSITIONS } from '../../apps/governance/src/approval/approval.rules.js';
import { KILL_SWITCH_TRANSITIONS } from '../../apps/governance/src/kill-switch/kill-switch.rules.js';
import { VIOLATION_TRANSITIONS } from '../../apps/governance/src/violation/violation.rules.js';
import { table } from './markdown.js';

interface Transition {
  from: string;
  to: string;
  by: string;
}

const machines: Record<string, readonly Transition[]> = {
  Execution: EXECUTION_TRANSITIONS,
  Action: ACTION_TRANSITIONS,
  Hold: HOLD_TRANSITIONS,
  Approval: APPROVAL_TRANSITIONS,
  'Kill switch': KILL_SWITCH_TRANSITIONS,
  Violation: VIOLATION_TRANSITIONS,
  Policy: POLICY_TRANSITIONS,
};

const section = (name: string, transitions: readonly Transition[]): string => {
  const sources = new Set(transitions.map(({ from }) => from));
  const ends = [...new Set(transitions.map(({ to }) => to))].filter((status) => !sources.has(status));
  const rows = transitions.map(({ from, to, by }) => [`\`${from}\``, `\`${to}\``, by]);
  return [
    `## ${name}`,
    table(['from', 'to', 'moved by'], rows),
    `From these nothing leads on: ${ends.map((status) => `\`${status}\``).join(', ')}.`,
  ].join('\n\n');
};

/** The tables that alone say how a status may change. */
export const transitionsPage = (): string =>
  [
    '# Transitions',
    'Nothing else changes a status; the first row of a table is where it begins.',
    ...Object.entries(machines).map(([name, transitions]) => section(name, transitions)),
  ]
    .join('\n\n')
    .concat('\n');
