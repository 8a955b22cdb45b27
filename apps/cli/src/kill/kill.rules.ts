import type { KillSwitch } from '#client';

/** What a switch stops, in a word or two. */
export const scopeText = ({ scope, agent_id, tool, team_id }: KillSwitch): string => {
  switch (scope) {
    case 'all':
      return 'every team';
    case 'team':
      return `team ${team_id}`;
    case 'agent':
      return `agent ${agent_id}`;
    case 'tool':
      return `tool ${tool}`;
  }
};

/** Where a switch is, as far as that is known. */
export const stateText = (one: KillSwitch): string => {
  const { executions, approvals } = one.stopping;
  const counts = `${executions} executions, ${approvals} approvals`;
  if (one.rehearsal) return one.confirmed_at ? `rehearsed: would stop ${counts}` : 'rehearsing';
  if (one.status === 'released') return 'released';
  if (one.status === 'releasing') return `released by stages, ${Math.round(one.admitted_share * 100)} % let in`;
  return one.confirmed_at ? 'stopped' : `stopping: ${counts} left`;
};

/** What came of a stop, for whoever asked for it. */
export const engagedLines = (one: KillSwitch): string[] => {
  const { alive, acknowledged } = one.executors;
  const what = one.rehearsal ? 'A rehearsal: nothing is blocked or cancelled.' : 'Nothing new of it begins.';
  const lines = [
    `Kill switch ${one.id} for ${scopeText(one)}. ${what}`,
    `${acknowledged} of ${alive} executors have acknowledged it; ${stateText(one)}.`,
  ];
  return one.warning ? [...lines, `Warning: ${one.warning}`] : lines;
};
