/** Source texts by the path at which they pretend to lie. */
export type Files = Readonly<Record<string, string>>;

/** Each text breaks exactly the rule it is planted for; each allowed one breaks none. */
export interface PlantedCode {
  violates: Files;
  allowed: Files;
}

/** Small repositories: in each violating one exactly the rule it is planted for is broken, in the allowed ones none. */
export interface PlantedImports {
  violates: readonly Files[];
  allowed: readonly Files[];
}
