import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { AnalyzedStep } from '../analysis/analysis.types.js';
import { compileSpecs } from './spec.compiler.js';
import { advance } from './spec.rules.js';
import type { CompiledSpec, SpecState, SpecViolation } from './spec.types.js';

const folder = new URL('../../../../specs/', import.meta.url);
const { specs } = compileSpecs(
  readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') })),
);

function violations(spec: CompiledSpec, trace: AnalyzedStep[]): SpecViolation[] {
  let state: SpecState = {};
  return trace.flatMap((step) => {
    const advanced = advance({ specs: [spec] }, state, step);
    expect(advanced.problems).toEqual([]);
    state = JSON.parse(JSON.stringify(advanced.state)) as SpecState;
    return advanced.violations;
  });
}

describe('the shipped specs', () => {
  it('are seven', () => expect(specs).toHaveLength(7));

  const examples = specs.flatMap((spec) =>
    spec.examples.map((example) => ({ title: `${spec.id}: ${example.name}`, spec, example })),
  );
  it.each(examples)('$title', ({ spec, example }) => {
    const found = violations(spec, example.trace as AnalyzedStep[]);
    expect(found.map(({ spec_id: id }) => id)).toEqual(example.violates ? [spec.id] : []);
    for (const { steps } of found) expect(steps.at(-1)).toBe((example.trace.at(-1) as AnalyzedStep).step);
  });
});
