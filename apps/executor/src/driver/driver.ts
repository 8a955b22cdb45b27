import type { Expectation } from '../contract/contract.types.js';

/** One tool call an agent wants to make. `tool` is `<name>@v<n>`. */
export interface ProposedAction {
  tool: string;
  arguments: Record<string, unknown>;
  /** What the agent's author says the action may and must change; tightens the tool's own contract, never widens its scope. */
  expect?: Expectation;
}

/** How one finished action ended, as the control plane saw it (never as the agent reports it). */
export interface ActionResult {
  tool: string;
  arguments: Record<string, unknown>;
  /** True when the tool succeeded and its contract was verified. */
  ok: boolean;
  /** The tool's own result; absent when it never ran. */
  output?: unknown;
  /** Why it is not ok: the tool's failure, the policy's or a person's no, or the contract's verdict. */
  failure?: { code: string; message: string };
}

export interface FinishedStep {
  /** From 1, without gaps. */
  step: number;
  /** The driver's own name for the turn (a playbook's step id). */
  label: string;
  actions: ActionResult[];
}

export interface DriverContext {
  execution_id: string;
  task_description: string;
  max_steps: number;
  steps: FinishedStep[];
}

export type DriverTurn =
  /** One turn; no actions means the turn only says something (a playbook step whose `if` is false). */
  | {
      kind: 'act';
      label: string;
      thought: string;
      actions: ProposedAction[];
      /** True: after an action that is not ok the turn's remaining ones are still attempted. Default: they are not. */
      keep_going?: boolean;
    }
  | { kind: 'final'; answer: string }
  /** The run ends here, unsuccessfully; `rollback` asks for the kept effects to be undone, last first. */
  | { kind: 'stop'; failure: { code: string; message: string }; rollback: boolean };

/** An agent as the engine sees it. `next` must be a function of its context alone: recovery asks it again. */
export interface Driver {
  next(context: DriverContext): Promise<DriverTurn>;
}
