export interface Located {
  /** JSON Pointer (RFC 6901) into what was sent; empty for the whole of it. */
  path: string;
  message: string;
}

/** Where a field of the request stands in the form; null: nowhere, it is said above the form. */
export type FieldOf = (path: string) => string | null;

/** `/playbook/inputs/keep_lines` -> `playbook.inputs.keep_lines` */
export const dotted = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');

/** What a server says about what was sent: beside its fields, and the rest. Of several about one field, all are kept. */
export const placed = (
  located: readonly Located[],
  field: FieldOf,
): { fields: Record<string, string>; rest: Located[] } => {
  const fields = new Map<string, string>();
  const rest: Located[] = [];
  for (const one of located) {
    const name = one.path === '' ? null : field(dotted(one.path));
    if (name === null) rest.push(one);
    else fields.set(name, fields.has(name) ? `${fields.get(name)}; ${one.message}` : one.message);
  }
  return { fields: Object.fromEntries(fields), rest };
};
