import type { EffectsClass } from './assessment.types.js';
import { bareTool } from './tool.rules.js';

/** The house's own tools by bare name; whoever sends a class with a call overrides it. */
export const HOUSE_TOOLS: Readonly<Record<string, EffectsClass>> = {
  'file.list': 'none',
  'file.read': 'none',
  'file.write': 'reversible',
  'file.delete': 'reversible',
  'shell.run': 'reversible',
};

/** Tools as a prediction weighs them; one that nobody knows counts as `unknown`. */
export const toolsNamed = (tools: readonly string[]): { name: string; effects: EffectsClass }[] =>
  tools.map((tool) => {
    const name = bareTool(tool);
    return { name, effects: Object.hasOwn(HOUSE_TOOLS, name) ? HOUSE_TOOLS[name]! : 'unknown' };
  });

/** Classes of the tools of one step: the house's, and what the calls say of theirs. */
export const effectsIn = (
  calls: readonly { tool: string; effects?: EffectsClass | null }[],
): Record<string, EffectsClass> => ({
  ...HOUSE_TOOLS,
  ...Object.fromEntries(calls.flatMap(({ tool, effects }) => (effects ? [[bareTool(tool), effects]] : []))),
});
