// Draws docs/tracing.svg from one real trace: starts a suite on a folder of its own, submits a run of two actions over
// HTTP a few times, takes its spans as a collector would, and draws the quickest.
//   npm run -s build && node --import ./scripts/from-source.mjs e2e/tracing/picture.ts
import { type CollectedSpan, startCollector, until } from '#testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT, SuiteProcess } from '../suite-process.js';
import { makeWorkspace } from '../workspace.js';
import { drawTrace } from './drawing.js';

const BATCH_MS = 100;
const RUNS = 8;
const LAST = 'process executor.execution.finished.v1';
const EXAMPLE = `
apiVersion: playbook/v1
name: example
steps:
  - id: note
    uses: file.write@v1
    with: { path: notes.txt, content: 'one' }
  - id: count
    uses: shell.run@v1
    with: { argv: [wc, -l, notes.txt] }
`;

const lengthOf = (spans: CollectedSpan[]): number =>
  Math.max(...spans.map(({ end_ms }) => end_ms)) - Math.min(...spans.map(({ start_ms }) => start_ms));

const record = async (): Promise<CollectedSpan[]> => {
  const collector = await startCollector();
  const suite = await SuiteProcess.open({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: String(BATCH_MS),
  });
  try {
    const { admin } = suite;
    await admin.register(EXAMPLE);
    const traced = async (name: string): Promise<CollectedSpan[]> => {
      const folder = makeWorkspace(join(suite.workspaces, name), { 'README.md': 'An example.\n' });
      const { headers, body } = await admin.execute('example', folder);
      const { status } = await admin.ended(body.id);
      if (status !== 'succeeded') throw new Error(`the example ended ${status}`);
      const trace = headers.get('traceresponse')!.split('-')[1];
      const mine = (): CollectedSpan[] => collector.spans.filter(({ trace_id }) => trace_id === trace);
      return until('its last span', () => mine().some(({ name: of }) => of === LAST) && mine());
    };
    const traces: CollectedSpan[][] = [];
    for (let n = 0; n < RUNS; n += 1) traces.push(await traced(`project-${n}`));
    return traces.reduce((a, b) => (lengthOf(b) < lengthOf(a) ? b : a));
  } finally {
    await suite.close();
    await collector.close();
  }
};

const spans = await record();
writeFileSync(join(CHECKOUT, 'docs/tracing.svg'), drawTrace(spans));
console.log(`docs/tracing.svg: ${spans.length} spans of ${new Set(spans.map(({ service }) => service)).size} services`);
process.exit(0);
