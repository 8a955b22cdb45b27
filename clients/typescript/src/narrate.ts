/** What a frame of `/ws/{execution_id}` looks like, as far as a reader of its text needs to know. */
export interface NarratedFrame {
  type: string;
  kind: string;
  status?: string | null;
  paused_reason?: string | null;
  failure?: { code: string; message: string } | null;
  risk?: { risk_score: number; deception_probability: number } | null;
  findings?: { severity: string; sentence: string }[] | null;
  risk_score?: number | null;
  step?: { step: number; thought?: string | null; actions: NarratedAction[] } | null;
}

interface NarratedAction {
  key?: string;
  tool?: string | null;
  arguments?: Record<string, unknown> | null;
  predicted?: { risk?: number | null; findings: { sentence: string }[]; expected: string[] } | null;
  decided?: {
    decision: string;
    tier_needed?: number | null;
    determining_policies: string[];
    reasons: string[];
    expires_at?: string | null;
    approval?: string | null;
    approvers: string[];
    edited_by?: string | null;
    bypass?: { given_by: string; use: number } | null;
  } | null;
  done?: {
    ok: boolean;
    output?: unknown;
    failure?: { code: string; message: string } | null;
    duration_ms: number;
  } | null;
  verified?: { verdict: string; change_count: number; deviations: { reason: string }[] } | null;
  undone?: {
    outcome: string;
    restored: number;
    before?: string | null;
    after?: string | null;
    problems: { path?: string | null; reason: string }[];
  } | null;
}

const WIDTH = 110;
const DIGEST_SHOWN = 'sha256:'.length + 8;
/** What a terminal obeys instead of showing: control characters, and the marks that turn the direction of text. */
const COMMANDS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text from an agent, a file name or a server as one line that a terminal only shows. */
export const plainText = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(COMMANDS, '\ufffd');

const clip = (text: string): string => {
  const line = plainText(text);
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`;
};

const fact = (name: string, text: string): string => `      ${name.padEnd(10)}${clip(text)}`;
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const predicted = ({ risk, findings, expected }: NonNullable<NarratedAction['predicted']>): string => {
  const said = typeof risk === 'number' ? `risk ${risk.toFixed(2)}` : 'no prediction';
  const may = expected.length > 0 ? `may change: ${expected.slice(0, 3).join(', ')}` : 'may change nothing';
  return [said, may, ...findings.map((finding) => finding.sentence)].join('; ');
};

const decided = (said: NonNullable<NarratedAction['decided']>): string => {
  if (said.approval === 'pending') {
    const who = said.tier_needed === 3 ? 'two approvers' : 'one approver';
    const deadline = said.expires_at ? `${said.expires_at.slice(0, 16).replace('T', ' ')} UTC` : 'the deadline';
    return `ask: ${who} by ${deadline}; ${said.reasons.join(' ')}`;
  }
  if (said.approval === 'approved') {
    return `approved by ${said.approvers.join(', ')}${said.edited_by ? `, as edited by ${said.edited_by}` : ''}`;
  }
  if (said.approval) return said.approval;
  if (said.bypass) return `allow by a bypass of ${said.bypass.given_by}, use ${said.bypass.use}`;
  return `${said.decision} by ${said.determining_policies.join(', ') || 'nobody'}`;
};

const done = ({ ok, output, failure, duration_ms }: NonNullable<NarratedAction['done']>): string =>
  ok ? `ok in ${duration_ms} ms${summary(output)}` : `failed: ${failure?.message ?? 'no reason given'}`;

const summary = (output: unknown): string => {
  if (typeof output !== 'object' || output === null) return '';
  const { entries, size, exit_code } = output as { entries?: unknown[]; size?: number; exit_code?: number };
  if (entries) return `, ${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`;
  if (size !== undefined) return `, ${count(size, 'byte')}`;
  return exit_code === undefined ? '' : `, exit code ${exit_code}`;
};

const verified = ({ verdict, change_count, deviations }: NonNullable<NarratedAction['verified']>): string =>
  verdict === 'verified'
    ? `${count(change_count, 'change')}, ${change_count === 0 ? 'as it should be' : 'all of them expected'}`
    : `${verdict.toUpperCase()}: ${deviations.map((one) => one.reason).join(' ')}`;

const undone = ({ outcome, restored, before, after, problems }: NonNullable<NarratedAction['undone']>): string => {
  if (outcome === 'kept') return 'kept';
  if (outcome !== 'undone') return `${outcome}: ${problems.map((one) => `${one.path ?? ''} ${one.reason}`).join(' ')}`;
  return `undone, ${count(restored, 'path')} put back; digest ${after?.slice(0, DIGEST_SHOWN)}… ${after === before ? 'equals' : 'DIFFERS FROM'} the one before`;
};

const actionLines = (action: NarratedAction): string[] => [
  ...(action.tool ? [`    ${clip(`${action.tool} ${JSON.stringify(action.arguments ?? {})}`)}`] : []),
  ...(action.predicted ? [fact('predicted', predicted(action.predicted))] : []),
  ...(action.decided ? [fact('decided', decided(action.decided))] : []),
  ...(action.done ? [fact('done', done(action.done))] : []),
  ...(action.verified ? [fact('verified', verified(action.verified))] : []),
  ...(action.undone ? [fact('undone', undone(action.undone))] : []),
];

/** A frame as lines of text for a terminal; none when it says nothing a reader needs. */
export const narrate = (frame: NarratedFrame): string[] => {
  if (frame.kind === 'step.proposed') {
    const { step, thought, actions } = frame.step!;
    return [`  step ${step}: ${clip(thought ?? '')}`, ...(actions.length === 0 ? ['    nothing to do'] : [])];
  }
  if (frame.step) return frame.step.actions.flatMap(actionLines);
  if (frame.type === 'completion') {
    const why = frame.failure ? ` (${frame.failure.code}) ${frame.failure.message}` : '';
    return [`  ${plainText(`ended: ${frame.status}${why}`)}`];
  }
  if (frame.kind === 'execution.predicted' && frame.risk)
    return [`  predicted risk ${frame.risk.risk_score.toFixed(2)}`];
  const found = (frame.findings ?? []).filter((finding) => finding.severity !== 'low');
  if (found.length > 0) return found.map((finding) => `      finding   ${clip(finding.sentence)}`);
  if (frame.paused_reason) return [`  paused: waits for ${frame.paused_reason}`];
  return [];
};

/** Turns the frames of one run into lines; remembers which action a line belongs to. */
export class Narrator {
  private readonly calls = new Map<string, string>();
  private last = '';

  lines(frame: NarratedFrame): string[] {
    if (frame.kind === 'step.proposed') {
      for (const action of frame.step!.actions) {
        if (action.key)
          this.calls.set(action.key, actionLines({ tool: action.tool, arguments: action.arguments })[0] ?? '');
      }
      return narrate(frame);
    }
    const key = frame.step?.actions[0]?.key;
    const lines = narrate(frame);
    if (!key || lines.length === 0 || key === this.last) return lines;
    this.last = key;
    return [this.calls.get(key) ?? `    ${clip(key)}`, ...lines];
  }
}
