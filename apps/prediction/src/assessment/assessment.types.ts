/** What a tool can do to the world, as its registry entry declares it. `unknown` is judged like `compensable`. */
export type EffectsClass = 'none' | 'reversible' | 'compensable' | 'irreversible' | 'unknown';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** What a run has touched so far, computed by the control plane, never by the agent. */
export interface TaintSummary {
  read_sensitive: boolean;
  read_untrusted: boolean;
  external_send_pending: boolean;
  secrets_used: boolean;
}

/** How the run has gone until now: counts of findings and violations, and its risk score (0..1). */
export interface RunSummary {
  findings: number;
  violations: number;
  deviations: number;
  risk_score: number;
}

export interface AssessmentInput {
  /** `<name>@v<n>` or the bare name. */
  tool: string;
  effects: EffectsClass;
  /** The real, unredacted arguments; evidence quotes at most 80 characters of them and never a secret. */
  arguments: Record<string, unknown>;
  /** What is acted upon, as the tool declares it. */
  target?: Record<string, unknown> | string | null;
  taint?: TaintSummary | null;
  state?: RunSummary | null;
  /** From 1. */
  step: number;
}

export interface AssessmentFinding {
  code: string;
  severity: Severity;
  sentence: string;
  evidence: string;
}

/** `risk` is 0..1: how much harm this one action could do if it went wrong, not how likely it is to fail. */
export interface Assessment {
  risk: number;
  findings: AssessmentFinding[];
}

export type ShellHazardCode =
  | 'shell.recursive_delete'
  | 'shell.root_delete'
  | 'shell.remote_code'
  | 'shell.obfuscated_code'
  | 'shell.world_writable'
  | 'shell.privilege'
  | 'shell.raw_device'
  | 'shell.format'
  | 'shell.fork_bomb'
  | 'shell.force_push'
  | 'shell.discard_work'
  | 'shell.upload'
  | 'shell.reverse_shell'
  | 'shell.persistence'
  | 'shell.hide_traces'
  | 'shell.power'
  | 'shell.firewall'
  | 'shell.mass_kill';

export interface ShellHazard {
  code: ShellHazardCode;
  /** The command that carries it, at most 80 characters. */
  evidence: string;
}
