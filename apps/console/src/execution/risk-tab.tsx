import { Anchor, Group, List, Stack, Text, useComputedColorScheme } from '@mantine/core';
import type { ExecutionResult } from '#client/browser';
import { ShieldCheck } from 'lucide-react';
import { useMemo } from 'react';
import { Chart } from '../chart/chart.js';
import { Empty } from '../page/empty.js';
import { Foreign } from '../page/foreign.js';
import { NOT_RECOMMENDED } from '../risk/risk.rules.js';
import { RiskBadge } from '../risk/risk-badge.js';
import { FindingList } from './finding-list.js';
import { HistoryNote } from './history-note.js';
import { riskPoints, riskSummary } from './risk-points.rules.js';
import type { History } from './use-history.js';
import { useSlowly } from './use-slowly.js';
import { type Trace, useStore } from './use-trace.js';
import { WholeTrace } from './whole-trace.js';
import { Panel } from '../page/labelled.js';

const CHART_PX = 240;
const CRITICAL = 0.8;
/** Findings of so many steps are listed. */
const LISTED = 200;

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const useOption = (points: ReturnType<typeof riskPoints>) => {
  const scheme = useComputedColorScheme('light');
  return useMemo(() => {
    const line = { type: 'line', showSymbol: points.length <= 60, symbolSize: 5, sampling: 'lttb', connectNulls: true };
    const limit = (at: number, name: string) => ({ yAxis: at, lineStyle: { color: colour(name), opacity: 0.6 } });
    return {
      scheme,
      grid: { left: 40, right: 16, top: 28, bottom: 32 },
      legend: { top: 0, left: 32, itemHeight: 8, textStyle: { color: colour('--mantine-color-dimmed') } },
      tooltip: { trigger: 'axis', renderMode: 'richText' },
      xAxis: {
        type: 'value',
        min: 1,
        max: Math.max(2, points.at(-1)?.step ?? 2),
        minInterval: 1,
        splitLine: { show: false },
      },
      yAxis: { type: 'value', min: 0, max: 1, splitLine: { lineStyle: { color: colour('--edge') } } },
      series: [
        {
          ...line,
          name: 'run, after the step',
          step: 'end',
          data: points.filter(({ run }) => run !== null).map(({ step, run }) => [step, run]),
          lineStyle: { color: colour('--info'), width: 2 },
          itemStyle: { color: colour('--info') },
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            data: [limit(NOT_RECOMMENDED, '--high'), limit(CRITICAL, '--critical')],
          },
        },
        {
          ...line,
          name: 'riskiest action of the step',
          data: points.filter(({ action }) => action !== null).map(({ step, action }) => [step, action]),
          lineStyle: { color: colour('--medium'), width: 1.5, type: 'dashed' },
          itemStyle: { color: colour('--medium') },
        },
      ],
    };
  }, [points, scheme]);
};

const Curve = ({ trace, execution }: { trace: Trace; execution: ExecutionResult }) => {
  const { store } = trace;
  const points = useSlowly(store, () => riskPoints(store.steps(), store.chronicle.risks));
  const option = useOption(points);
  const summary = riskSummary(points, execution.risk_score);
  return (
    <Panel title="Risk over the steps">
      <Text size="sm" c="dimmed">
        {summary} The lines across are at 0.7, not recommended, and 0.8, critical.
      </Text>
      {points.length > 0 && <Chart option={option} height={CHART_PX} summary={summary} />}
      <WholeTrace trace={trace} />
    </Panel>
  );
};

const Prediction = ({ prediction }: Pick<ExecutionResult, 'prediction'>) => {
  if (!prediction) return null;
  return (
    <Panel title="What was predicted before it began">
      <Group gap="lg">
        <Text size="sm">
          risk <RiskBadge risk={prediction.predicted_risk} />
        </Text>
        <Text size="sm">
          deception <RiskBadge risk={prediction.predicted_deception} />
        </Text>
        <Text size="sm">confidence {prediction.confidence.toFixed(2)}</Text>
      </Group>
      <Text size="sm">
        <Foreign text={prediction.recommendation} />
      </Text>
      {prediction.warnings.length > 0 && (
        <List size="sm">
          {prediction.warnings.map((warning) => (
            <List.Item key={warning}>
              <Foreign text={warning} />
            </List.Item>
          ))}
        </List>
      )}
    </Panel>
  );
};

const Violations = ({ spec_violations }: Pick<ExecutionResult, 'spec_violations'>) => {
  if (spec_violations.length === 0) return null;
  return (
    <Panel title="Rules that were broken">
      <FindingList
        findings={spec_violations.map(({ spec_id, severity, sentence, steps }) => ({
          code: spec_id,
          severity: severity as 'high',
          sentence: `${sentence} (${spec_id}, ${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')})`,
        }))}
      />
    </Panel>
  );
};

const Findings = ({ trace: { store }, history }: { trace: Trace; history: History }) => {
  const { findings, closing } = store.chronicle;
  const steps = [...findings].sort(([a], [b]) => a - b);
  return (
    <Panel title="What the analyser found">
      <HistoryNote history={history} />
      {steps.length === 0 && closing.length === 0 && (
        <Empty icon={ShieldCheck} title="Nothing so far">
          After every step an analyser compares what the agent said with what it did. What it notices is listed here.
        </Empty>
      )}
      {steps.slice(0, LISTED).map(([step, found]) => (
        <div key={step}>
          <Anchor href={`#step-${step}`} size="xs">
            Step {step}
          </Anchor>
          <FindingList findings={found} />
        </div>
      ))}
      {steps.length > LISTED && (
        <Text size="sm">… and in {steps.length - LISTED} more steps, where the trace shows them.</Text>
      )}
      {closing.length > 0 && (
        <div>
          <Text size="xs">The final answer</Text>
          <FindingList findings={closing} />
        </div>
      )}
    </Panel>
  );
};

/** Risk as it went, and everything that was noticed. */
export const RiskTab = ({
  trace,
  execution,
  history,
}: {
  trace: Trace;
  execution: ExecutionResult;
  history: History;
}) => {
  useStore(trace.store);
  return (
    <Stack gap="sm">
      <Curve trace={trace} execution={execution} />
      <Violations {...execution} />
      <Findings trace={trace} history={history} />
      <Prediction {...execution} />
    </Stack>
  );
};
