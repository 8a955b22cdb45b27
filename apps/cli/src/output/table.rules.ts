const GAP = '  ';
/** A flexible column is never narrower than this, even when the table then runs over. */
const LEAST = 12;

export interface Column {
  title: string;
  /** Gives way when the table is too wide. */
  flexible?: true;
}

const lengthOf = (text: string): number => [...text].length;

const fit = (text: string, width: number): string => {
  const signs = [...text];
  return signs.length <= width ? text + ' '.repeat(width - signs.length) : `${signs.slice(0, width - 1).join('')}…`;
};

/** The widths of the columns: what their cells need, the flexible ones shortened, widest first, until all fits. */
const widthsOf = (columns: Column[], rows: string[][], width: number | null): number[] => {
  const widths = columns.map(({ title }, at) => Math.max(lengthOf(title), ...rows.map((row) => lengthOf(row[at]!))));
  if (width === null) return widths;
  const total = (): number => widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1));
  while (total() > width) {
    const flexible = columns.map(({ flexible: gives }, at) => (gives && widths[at]! > LEAST ? widths[at]! : 0));
    const widest = Math.max(...flexible);
    if (widest === 0) break;
    const at = flexible.indexOf(widest);
    widths[at] = Math.max(LEAST, widest - (total() - width), Math.min(widest - 1, secondOf(flexible, widest)));
  }
  return widths;
};

/** The widest after the widest, 0 when there is none. */
const secondOf = (widths: number[], widest: number): number => Math.max(0, ...widths.filter((one) => one < widest));

/** Texts in columns, the titles first; null as width: as wide as it needs to be. */
export const tableLines = (columns: Column[], rows: string[][], width: number | null): string[] => {
  const widths = widthsOf(columns, rows, width);
  return [columns.map(({ title }) => title), ...rows].map((row) =>
    row
      .map((cell, at) => fit(cell, widths[at]!))
      .join(GAP)
      .trimEnd(),
  );
};
