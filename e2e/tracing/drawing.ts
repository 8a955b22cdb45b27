import type { CollectedSpan } from '#testing';

const ROW = 17;
const TOP = 64;
const LABELS = 350;
const CHART = 780;
const RIGHT = 74;
const INDENT = 9;
const TICKS = 8;
const BAR = 9;
const LEAST = 1.2;
const DATABASE = '#1f2933';
const COLOURS: Record<string, string> = {
  'spectrace-gateway': '#5b6ee1',
  'spectrace-executor': '#d9822b',
  'spectrace-prediction': '#2f9e6e',
  'spectrace-governance': '#b04fb5',
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const fixed = (number: number): string => number.toFixed(1);
const short = (service: string): string => service.replace('spectrace-', '');

const isDatabase = ({ name, attributes }: CollectedSpan): boolean =>
  name === 'transaction' || 'db.system.name' in attributes;

interface Row {
  span: CollectedSpan;
  depth: number;
  /** Its own transactions and statements, which have no rows. */
  database: CollectedSpan[];
}

/** Depth first, by time; what the database does is drawn into the row of whoever asked it. */
const rowsOf = (spans: CollectedSpan[]): Row[] => {
  const ids = new Set(spans.map(({ span_id }) => span_id));
  const childrenOf = (id: string): CollectedSpan[] =>
    spans.filter(({ parent_id }) => parent_id === id).sort((a, b) => a.start_ms - b.start_ms);
  const databaseOf = (span: CollectedSpan): CollectedSpan[] =>
    childrenOf(span.span_id)
      .filter(isDatabase)
      .flatMap((one) => [one, ...databaseOf(one)]);
  // A fact that a transaction wrote is sent on behalf of the transaction.
  const callsOf = (span: CollectedSpan): CollectedSpan[] =>
    [span, ...databaseOf(span)]
      .flatMap(({ span_id }) => childrenOf(span_id))
      .filter((child) => !isDatabase(child))
      .sort((a, b) => a.start_ms - b.start_ms);
  const walk = (span: CollectedSpan, depth: number): Row[] => [
    { span, depth, database: databaseOf(span) },
    ...callsOf(span).flatMap((child) => walk(child, depth + 1)),
  ];
  return spans.filter(({ parent_id }) => !ids.has(parent_id)).flatMap((root) => walk(root, 0));
};

/** One trace as an SVG: a row a span, PostgreSQL as dark marks in the row that asked it. */
export const drawTrace = (spans: CollectedSpan[]): string => {
  const rows = rowsOf(spans);
  const from = Math.min(...spans.map(({ start_ms }) => start_ms));
  const total = Math.max(...spans.map(({ end_ms }) => end_ms)) - from;
  const x = (ms: number): number => LABELS + ((ms - from) / total) * CHART;
  const [width, height] = [LABELS + CHART + RIGHT, TOP + rows.length * ROW + 16];
  const bar = ({ start_ms, end_ms }: CollectedSpan, y: number, high: number, colour: string): string =>
    `<rect x="${fixed(x(start_ms))}" y="${fixed(y)}" width="${fixed(Math.max(LEAST, x(end_ms) - x(start_ms)))}" height="${high}" fill="${colour}"/>`;
  const grid = Array.from({ length: TICKS + 1 }, (_, n) => {
    const at = fixed(LABELS + (n / TICKS) * CHART);
    const label = `${((n / TICKS) * total).toFixed(0)} ms`;
    return `<line x1="${at}" y1="${TOP - 8}" x2="${at}" y2="${height - 12}" stroke="#e4e7eb"/><text x="${at}" y="${TOP - 13}" text-anchor="middle" fill="#7b8794">${label}</text>`;
  });
  const legend = [...Object.entries(COLOURS), ['PostgreSQL', DATABASE] as const].map(
    ([service, colour], n) =>
      `<rect x="${LABELS + n * 118}" y="12" width="10" height="10" fill="${colour}"/><text x="${LABELS + n * 118 + 15}" y="21">${short(service)}</text>`,
  );
  const drawn = rows.map(({ span, depth, database }, n) => {
    const y = TOP + n * ROW;
    const colour = COLOURS[span.service] ?? '#7b8794';
    const statements = database.filter(({ name }) => name !== 'transaction');
    const title = `${short(span.service)}: ${span.name}, ${fixed(span.end_ms - span.start_ms)} ms${statements.length > 0 ? `, ${statements.length} statements` : ''}`;
    return [
      `<g><title>${escaped(title)}</title>`,
      `<text x="${12 + depth * INDENT}" y="${y + BAR}">${escaped(span.name)}</text>`,
      bar(span, y, BAR, colour),
      ...statements.map((statement) => bar(statement, y + 2, BAR - 4, DATABASE)),
      `<text x="${fixed(x(span.end_ms) + 4)}" y="${y + BAR}" fill="#52606d">${fixed(span.end_ms - span.start_ms)}</text></g>`,
    ].join('');
  });
  const heading = `trace ${spans[0]!.trace_id}: ${spans.length} spans`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, SFMono-Regular, Menlo, monospace" font-size="10.5" fill="#323f4b">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="21" font-weight="bold">${heading}</text>`,
    ...legend,
    ...grid,
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
};
