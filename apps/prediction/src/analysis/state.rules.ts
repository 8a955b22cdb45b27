import type { prediction } from '#contracts';
import { stateInvalid } from './analysis.errors.js';
import type { AnalyzerState } from './analysis.types.js';

/** UTF-8 bytes of JSON. */
export const MAX_STATE_BYTES = 16_384;

type Fields = Record<string, unknown>;
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isFlag: Check = (value) => typeof value === 'boolean';
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const has =
  (checks: Record<string, Check>): Check =>
  (value) =>
    isFields(value) && Object.entries(checks).every(([name, check]) => check(value[name]));
const everyMember =
  (check: Check): Check =>
  (value) =>
    isFields(value) && Object.values(value).every(check);
const isPair: Check = (value) => Array.isArray(value) && value.length === 2 && value.every(isNumber);

const isList = has({ kind: (kind) => kind === 'list', hashes: isText });
const isBloom = has({ kind: (kind) => kind === 'bloom', bits: isText, count: isNumber });
const isLast = has({ step: isNumber, tool: isText, ok: isFlag, error: isText, changing: isFlag, admitted: isFlag });

const CHECKS: Record<keyof AnalyzerState, Check> = {
  v: (value) => value === 1,
  seen: (value) => isList(value) || isBloom(value),
  partial: isFlag,
  called: isText,
  effects: isNumber,
  last: (value) => value === null || isLast(value),
  amounts: (value) => Array.isArray(value) && value.every(isNumber),
  specs: everyMember(isFields),
  risk: everyMember(isPair),
  signals: everyMember(isPair),
  summary: has({ findings: isNumber, violations: isNumber, deviations: isNumber, risk_score: isNumber }),
};

/**
 * The state somebody kept for us, null before the first step. Its automata are looked into by their specs, where a
 * broken one is that spec's problem.
 * @throws AppError `analysis.state_invalid` for one that is too large or has another shape
 */
export function readState(state: prediction.AnalyserState | undefined): AnalyzerState | null {
  if (state === null || state === undefined) return null;
  if (Buffer.byteLength(JSON.stringify(state)) > MAX_STATE_BYTES) throw stateInvalid(`above ${MAX_STATE_BYTES} bytes`);
  const wrong = Object.entries(CHECKS).find(([name, check]) => !check(state[name]));
  if (wrong) throw stateInvalid(`"${wrong[0]}" is not what was returned`);
  return state as unknown as AnalyzerState;
}
