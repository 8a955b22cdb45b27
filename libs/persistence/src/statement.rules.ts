/** What a statement does to what, without its text. */
export interface StatementSummary {
  /** Its first word, upper case. */
  operation: string;
  /** The first table that is named; null when there is none. */
  table: string | null;
  /** Both: the name of its span. */
  summary: string;
}

const OPERATION = /^(?:\s|--[^\n]*\n)*([A-Za-z]+)/;
/** A word right before a bracket is a function. */
const TABLE = /\b(?:FROM|INTO|UPDATE|TABLE)\s+(?:ONLY\s+)?(?:"?\w+"?\.)?"?([A-Za-z_]\w*)"?(?!\w*\()/i;

/** @param text one statement of SQL */
export const summaryOf = (text: string): StatementSummary => {
  const operation = OPERATION.exec(text)?.[1]?.toUpperCase() ?? 'OTHER';
  const table = TABLE.exec(text)?.[1] ?? null;
  return { operation, table, summary: table ? `${operation} ${table}` : operation };
};
