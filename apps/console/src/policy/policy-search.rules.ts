export const VIEWS = ['force', 'write', 'history', 'evaluate'] as const;
export type View = (typeof VIEWS)[number];

/** What the page's URL says. */
export interface PolicySearch {
  /** Absent: what is in force. */
  view?: View;
  /** The bundle that is looked at in the history. */
  policy?: string;
  /** A place in what is in force: `<file>:<line>`. */
  at?: string;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const policySearchOf = (search: Record<string, unknown>): PolicySearch => {
  const view = VIEWS.find((one) => one === search['view']);
  const policy = textOf(search['policy']);
  const at = textOf(search['at']);
  return { ...(view && view !== 'force' && { view }), ...(policy && { policy }), ...(at && { at }) };
};
