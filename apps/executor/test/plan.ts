import type { Tx } from '#persistence';

/** One table that a statement read, and how many of its rows it took in, those that a filter dropped included. */
export interface Scan {
  table: string;
  /** Null: the whole table was read. */
  index: string | null;
  rows: number;
}

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Node[];
}

/** What PostgreSQL reads, under the row-level security of the transaction, for the statements that `work` runs. */
export const scansOf = async (tx: Tx, work: () => Promise<unknown>): Promise<Scan[]> => {
  const runner = tx.queryRunner!;
  const query = runner.query.bind(runner);
  const scans: Scan[] = [];
  runner.query = (async (sql: string, parameters?: unknown[], structured?: boolean) => {
    const [row] = await query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, parameters as never);
    scans.push(...scansIn(row['QUERY PLAN'][0].Plan));
    return query(sql, parameters as never, structured as never);
  }) as typeof runner.query;
  try {
    await work();
  } finally {
    runner.query = query;
  }
  if (scans.length === 0) throw new Error('no statement was seen');
  return scans;
};

const scansIn = (node: Node): Scan[] => {
  const below = (node.Plans ?? []).flatMap(scansIn);
  const table = node['Relation Name'];
  if (!table) return below;
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const bitmap = node.Plans?.find((inner) => inner['Node Type'] === 'Bitmap Index Scan');
  const index = node['Index Name'] ?? bitmap?.['Index Name'] ?? null;
  return [{ table, index, rows: (node['Actual Rows'] + removed) * node['Actual Loops'] }, ...below];
};
