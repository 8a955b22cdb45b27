import type { JsonValue } from '#kernel';
import type { Expectation } from '../contract/contract.types.js';

export const inputTypes = ['string', 'integer', 'number', 'boolean', 'list', 'map'] as const;
export type InputType = (typeof inputTypes)[number];

export interface InputDeclaration {
  type: InputType;
  description?: string;
  /** Used when the caller gives no value; absent on a `required` input. */
  default?: JsonValue;
  /** False and without a default: an input nobody gives is null. */
  required: boolean;
}

/** What a failed action does to the run: end it, end it and undo what was kept, or go on with the next step. */
export const failurePolicies = ['rollback', 'stop', 'continue'] as const;
export type FailurePolicy = (typeof failurePolicies)[number];

/**
 * One step of the file. Strings in `with`, `if`, `for_each` and `outputs` may hold `${{ … }}`; all of them were checked
 * when the file was parsed. Everything else is literal.
 */
export interface PlaybookStep {
  id: string;
  name?: string;
  /** `<tool>@v<n>`, known to the registry the file was parsed with. */
  uses: string;
  with: Record<string, JsonValue>;
  if?: boolean | string;
  for_each?: JsonValue[] | string;
  /** The most items `for_each` may yield, 1..1000; present exactly with `for_each`. */
  max?: number;
  outputs: Record<string, JsonValue>;
  expect?: Expectation;
  on_failure: FailurePolicy;
}

export interface Guide {
  purpose?: string;
  troubleshooting?: string[];
  rollback?: string;
}

/** A parsed playbook file, deeply frozen. The same source and tools always give an equal value. */
export interface Playbook {
  name: string;
  description?: string;
  /** `sha256:<hex>` of the source's UTF-8 bytes: which file exactly a run is pinned to. */
  digest: string;
  inputs: Record<string, InputDeclaration>;
  steps: PlaybookStep[];
  on_failure: FailurePolicy;
  guide?: Guide;
  /** JSON Pointer -> `line:column` of every text that holds an expression, for failures at run time. */
  positions: Record<string, string>;
}
