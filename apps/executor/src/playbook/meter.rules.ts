/**
 * Work one playbook step's expressions may do, in units: one per evaluated node, one per list element and per 32
 * characters a node yields. A third of a second at most on a slow core; one filter over 10,000 entries takes about 100,000.
 */
export const MAX_COST = 1_000_000;
const CHARACTERS_PER_UNIT = 32;

export const tooCostly = `the expressions of one step need more than ${MAX_COST} units of work; compute long lists once, in outputs`;

/** Counts work; deterministic, unlike a clock, so that a recovered run decides the same. */
export class Meter {
  spent = 0;
  /** One instance: the language's `||` and `exists` swallow errors and go on, and must not pay for a stack trace each time. */
  private readonly refusal = new Error(tooCostly);

  charge(units: number): void {
    this.spent += units;
    this.check();
  }

  check(): void {
    if (this.spent > MAX_COST) throw this.refusal;
  }
}

/** The part of a parsed expression's node this file relies on; `meta.alternate` is what a macro such as `filter` became. */
interface AstNode {
  op: string;
  args: unknown;
  evaluate: (evaluator: unknown, node: unknown, context: unknown) => unknown;
  meta: { alternate?: AstNode };
}

const isNode = (value: unknown): value is AstNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'evaluate' in value && 'meta' in value;

/** These pass on a value that was charged where it was made; charging again would make every loop quadratic. */
const PASSES_ON = new Set(['?:', 'ternary', 'accuPush', 'accuValue', 'accuInc', 'comprehension']);
/** These look at everything below their operands, not just at their lengths. */
const LOOKS_DEEP = new Set(['==', '!=', 'in']);

/** Charges for one value an evaluated node yields; stops at the budget, so that shared lists cannot make it endless. */
function chargeFor(value: unknown, deep: boolean, meter: Meter): void {
  if (typeof value === 'string') meter.charge(Math.floor(value.length / CHARACTERS_PER_UNIT));
  if (Array.isArray(value)) meter.charge(value.length);
  if (!deep || typeof value !== 'object' || value === null) return;
  const members = value instanceof Map ? value.values() : Object.values(value);
  for (const member of members) {
    meter.charge(1);
    chargeFor(member, true, meter);
  }
}

function* below(value: unknown): Generator<AstNode> {
  if (isNode(value)) yield value;
  else if (Array.isArray(value)) for (const item of value) yield* below(item);
  else if (value !== null && typeof value === 'object') for (const item of Object.values(value)) yield* below(item);
}

/**
 * Makes every node of a freshly parsed expression charge the meter when it is evaluated. The library bounds the size of an
 * expression but not the work of running it: two nested loops over a long list would hold the process for minutes.
 */
export function instrument(root: unknown, meter: Meter): void {
  const seen = new Set<AstNode>();
  const deep = new Set<AstNode>();
  const pending = [...below(root)];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const children = [...below(node.args)];
    if (LOOKS_DEEP.has(node.op) || isJoin(node)) for (const child of children) deep.add(child);
    chargeOn(node, meter, deep);
    pending.push(...children, ...below(node.meta.alternate));
  }
}

const isJoin = (node: AstNode): boolean => node.op === 'rcall' && Array.isArray(node.args) && node.args[0] === 'join';

function chargeOn(node: AstNode, meter: Meter, deep: ReadonlySet<AstNode>): void {
  let evaluate = node.evaluate;
  const passesOn = PASSES_ON.has(node.op);
  const metered = (evaluator: unknown, self: unknown, context: unknown): unknown => {
    meter.check();
    const value = evaluate.call(node, evaluator, self, context);
    meter.charge(1);
    if (!passesOn) chargeFor(value, deep.has(node), meter);
    return value;
  };
  // A node replaces its own `evaluate` on first use; the accessor keeps the meter around the replacement.
  Object.defineProperty(node, 'evaluate', {
    get: () => metered,
    set: (replacement: AstNode['evaluate']) => {
      evaluate = replacement;
    },
  });
}
