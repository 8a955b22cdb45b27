/** Cost of a decision is linear in the policies of its slice. */
export const MAX_SLICE = 50;

export interface ActionDeclaration {
  name: string;
  /** Groups it is a direct member of. */
  groups: string[];
  /** False for a pure group: nothing can be asked about it. */
  asked: boolean;
}

/** The actions a policy names; null = it speaks of all. */
export type ActionScope = string[] | null;

/** The action itself and every group above it. */
function lineage(
  name: string,
  declared: ReadonlyMap<string, ActionDeclaration>,
  seen = new Set<string>(),
): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const group of declared.get(name)?.groups ?? []) lineage(group, declared, seen);
  return seen;
}

/** Action -> ids of every policy that could apply to it. A policy left out of a slice by mistake would be a forbid lost. */
export function sliceByAction(
  actions: readonly ActionDeclaration[],
  scopes: ReadonlyMap<string, ActionScope>,
): Map<string, string[]> {
  const declared = new Map(actions.map((action) => [action.name, action]));
  return new Map(
    actions
      .filter((action) => action.asked)
      .map(({ name }) => {
        const names = lineage(name, declared);
        const ids = [...scopes].filter(([, scope]) => scope === null || scope.some((action) => names.has(action)));
        return [name, ids.map(([id]) => id)];
      }),
  );
}
