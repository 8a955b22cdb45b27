import type { PrincipalKind, prediction } from '#contracts';

/** What is acted upon. Paths are relative to the workspace, with every symbolic link already resolved. */
export type PolicyTarget =
  | { kind: 'path'; paths: string[] }
  /** `paths`: what the command is known to touch; may be empty. */
  | { kind: 'command'; paths: string[] }
  /** `host`: where it goes; `paths`: what of the workspace goes along. */
  | { kind: 'send'; host: string; paths: string[] }
  | { kind: 'execution'; driver: string };

/** A run that has done nothing yet. */
export const NO_TAINT: PolicyRequest['taint'] = {
  read_sensitive: false,
  read_untrusted: false,
  external_send_pending: false,
  secrets_used: false,
};

export interface PolicyRequest {
  team: string;
  /** Who asked for the action. */
  principal: { kind: PrincipalKind; id: string };
  /** Who performs it. */
  agent: { id: string; version: string };
  tool: { name: string; version: string };
  effects: prediction.ToolEffects;
  /** It covers the real arguments; policies never see the arguments themselves. */
  action_digest: string;
  /** `registered`: below a root the operator has listed. */
  workspace: { id: string; registered: boolean };
  target: PolicyTarget;
  /** A hold is taken before the action. */
  held: boolean;
  /** 0..1; null when no assessment was to be had. */
  risk: number | null;
  sandbox: 'bubblewrap' | 'none';
  taint: { read_sensitive: boolean; read_untrusted: boolean; external_send_pending: boolean; secrets_used: boolean };
  /** Different people with the role who approved exactly this action and still may. */
  approvals: { role: 'approver'; approvers: number };
}

/** 1: automatic, 2: one approver, 3: two different approvers. */
export type Tier = 1 | 2 | 3;

export interface PolicyDecision {
  decision: 'allow' | 'ask' | 'deny';
  /** Null on deny. */
  tier_needed: Tier | null;
  determining_policies: string[];
  policy_epoch: number;
  /** `sha256:<hex>` of the whole request. */
  input_digest: string;
  /** Sentences for people. */
  reasons: string[];
}

/** The one port through which the rest of the service asks. Never throws: whatever fails is a deny. */
export type Authorize = (request: PolicyRequest) => PolicyDecision;

export interface PolicyAlarm {
  /**
   * `policy_error`: a policy failed while it was evaluated; `engine_replaced`: the engine threw;
   * `request_refused`: the request does not fit the schema, so the caller is wrong.
   */
  kind: 'policy_error' | 'engine_replaced' | 'request_refused';
  message: string;
  policies: string[];
  input_digest: string;
}

/** What Cedar answered for one number of approvers. */
export type PolicyAnswer =
  | { kind: 'allowed'; policies: string[] }
  | { kind: 'unmatched'; policies: [] }
  | { kind: 'forbidden'; policies: string[] }
  /** `policies` failed; their effect is unknown, so nothing the others say counts. */
  | { kind: 'failed'; policies: string[]; message: string }
  | { kind: 'invalid'; policies: []; message: string };

/** `pattern` as in path-classes.yaml; `class` one of the schema's PathClass values. */
export interface PathClassRule {
  pattern: string;
  class: string;
}

/** Where a policy, a rule or a test row was read. `line` counts from 1. */
export interface Place {
  file: string;
  line: number;
}

export interface BundleTest {
  name: string;
  place: Place;
  request: PolicyRequest;
  expect: { decision: PolicyDecision['decision']; tier: Tier | null; policies: string[] };
}

export interface PolicyBundle {
  /** Policy id -> Cedar text of that one policy. */
  policies: Record<string, string>;
  /** Policy id, or `path-classes.yaml#<index>`, -> where it was read. May be empty. */
  places: Record<string, Place>;
  schema: string;
  path_classes: PathClassRule[];
  /** Classes whose content the world outside should not get to know. */
  sensitive: string[];
  /** Grows by one with every change of the bundle in force. */
  epoch: number;
  /** `sha256:<hex>` of policies, schema, path classes and which of them are sensitive. */
  digest: string;
  tests: BundleTest[];
}
