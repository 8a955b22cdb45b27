import type { AddBypass, Bypass } from '#client/browser';

/** How long and how often, as it is offered; the installation says what is too much. */
export const DURATIONS = [
  { minutes: 15, label: '15 minutes' },
  { minutes: 60, label: '1 hour' },
  { minutes: 240, label: '4 hours' },
  { minutes: 480, label: '8 hours' },
] as const;

export const DEFAULT_BYPASS = { minutes: '60', uses: 20, reason: '' };

export interface BypassValues extends Record<string, unknown> {
  agent_id: string;
  tool: string;
  minutes: string;
  uses: number | string;
  reason: string;
}

const TOOL = /^[a-z][a-z0-9_.-]*(?:@v[1-9]\d*)?$/;

/** By field: what is missing before anything is sent. */
export const bypassProblems = ({ agent_id, tool, uses, reason }: BypassValues): Partial<Record<string, string>> => ({
  ...(agent_id.trim() === '' && { agent_id: 'Which agent?' }),
  ...(!TOOL.test(tool.trim()) && { tool: 'The name of a tool, such as file.delete@v1' }),
  ...((!Number.isInteger(Number(uses)) || Number(uses) < 1) && { uses: 'A whole number from 1' }),
  ...(reason.trim() === '' && { reason: 'Say why: it is kept in the record.' }),
});

export const bypassOf = ({ agent_id, tool, minutes, uses, reason }: BypassValues): AddBypass => ({
  agent_id: agent_id.trim(),
  tool: tool.trim(),
  minutes: Number(minutes),
  uses: Number(uses),
  reason: reason.trim(),
});

const DIGEST_SHOWN = 'sha256:'.length + 12;

/** Which actions of the agent it covers, in a line: whose playbook, and whether they are held. Null: it was never bound. */
export const bypassSubject = ({
  agent_version: version,
  held,
  requested_by,
}: Pick<Bypass, 'agent_version' | 'held' | 'requested_by'>): string | null => {
  if (!version) return null;
  const shown = version.startsWith('sha256:') ? `${version.slice(0, DIGEST_SHOWN)}…` : version;
  return held ? `${shown}, held` : `${shown}, not held, asked by ${requested_by?.name ?? 'nobody'} alone`;
};

const STATUS: Record<Bypass['status'], { words: string; colour: string }> = {
  active: { words: 'Active', colour: 'var(--medium)' },
  used_up: { words: 'Used up', colour: 'var(--neutral)' },
  expired: { words: 'Ended', colour: 'var(--neutral)' },
  revoked: { words: 'Revoked', colour: 'var(--neutral)' },
};

export const bypassStanding = ({ status }: Pick<Bypass, 'status'>): { words: string; colour: string } => STATUS[status];
