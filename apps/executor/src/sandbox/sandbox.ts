/** One program to run on one workspace. */
export interface SandboxCommand {
  /** At least the program; it is found on the PATH of `env`, never through a shell. No NUL bytes. */
  argv: string[];
  /** The whole environment; only PATH (if absent) and PWD are added. */
  env: Record<string, string>;
  /** Absolute path of the folder the program works in; the only thing it can change. */
  workspace: string;
  timeout_ms: number;
  /** Per stream; what comes after it is thrown away. */
  output_limit_bytes: number;
  /** Without it standard input is empty. */
  stdin?: string;
  /** Ends everything that runs, at once. */
  signal?: AbortSignal;
}

export interface SandboxResult {
  /**
   * The program's own exit code; 128 + n when signal n ended it, 127 when it was not found, 126 when it could not be
   * executed. `null` when it was ended from outside: then `signal` says how.
   */
  exit_code: number | null;
  signal: string | null;
  /** UTF-8; invalid bytes become U+FFFD. */
  stdout: string;
  stderr: string;
  /** True when a stream was longer than `output_limit_bytes`. */
  truncated: boolean;
  timed_out: boolean;
  cancelled: boolean;
  duration_ms: number;
}

/** Where commands run. `kind` goes into every record, so that nobody takes a bare run for a sandboxed one. */
export interface Sandbox {
  readonly kind: 'bubblewrap' | 'none';
  /**
   * Resolves when the program **and everything it started** is dead, so that nothing writes after it. A failing program is
   * a result; only a sandbox that cannot do its work throws.
   */
  run(command: SandboxCommand): Promise<SandboxResult>;
}
