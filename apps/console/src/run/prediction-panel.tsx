import type { RunPrediction } from '#client/browser';
import { Alert, Button, Group, List, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Gauge, Play, RotateCw, TriangleAlert } from 'lucide-react';
import { type CSSProperties, useEffect, useRef } from 'react';
import { leftOver } from '../form/use-server-form.js';
import { Failure } from '../page/failure.js';
import { Foreign } from '../page/foreign.js';
import { RiskMeter } from '../risk/risk-meter.js';
import { type Band, bandOf, NOT_RECOMMENDED } from '../risk/risk.rules.js';
import { intervalOf } from './prediction.rules.js';
import { Factors, PredictionFacts, SimilarRuns } from './prediction-details.js';
import { fieldOfRun } from './run-draft.rules.js';
import classes from './run.module.css';
import type { Run } from './use-run.js';

/** What is foreseen of the task as it stands; from here it is submitted. */
export const PredictionPanel = ({ run, proceed }: { run: Run; proceed: () => void }) => {
  const { prediction, fresh } = run;
  const stale = Boolean(prediction.data) && !fresh;
  return (
    <section
      aria-label="Prediction"
      aria-live="polite"
      className={`surface ${classes.panel}`}
      data-stale={stale || undefined}
    >
      <Stack p="md" gap="md">
        {prediction.isPending && <Foreseeing />}
        {prediction.isIdle && <Before />}
        {prediction.error && <Unforeseen run={run} proceed={proceed} />}
        {prediction.data && (
          <>
            {stale && <Stale run={run} />}
            <Foreseen prediction={prediction.data} />
            <Group gap="sm" className={classes.decide}>
              <Button
                leftSection={<Play size={16} aria-hidden />}
                color={prediction.data.predicted_risk >= NOT_RECOMMENDED ? 'red' : undefined}
                disabled={stale}
                loading={run.submission.isPending}
                onClick={proceed}
              >
                Proceed
              </Button>
              {stale && (
                <Text size="xs" c="dimmed">
                  Predict again to proceed.
                </Text>
              )}
            </Group>
          </>
        )}
      </Stack>
    </section>
  );
};

const Before = () => (
  <Group gap="sm" wrap="nowrap" align="flex-start">
    <Gauge size={22} color="var(--mantine-color-dimmed)" style={{ flex: 'none' }} aria-hidden />
    <div>
      <Title order={2} size="h5">
        What may happen
      </Title>
      <Text size="sm" c="dimmed">
        Predict the risk first: you see how high it is, what speaks for and against, and what happened in runs like it.
        Nothing runs before you proceed.
      </Text>
    </div>
  </Group>
);

const Foreseeing = () => (
  <Stack gap="xs" role="status" aria-label="Predicting">
    <Skeleton height={28} width="80%" />
    <Skeleton height={20} />
    <Skeleton height={20} />
    <Skeleton height={90} />
  </Stack>
);

const Unforeseen = ({ run, proceed }: { run: Run; proceed: () => void }) => {
  const problem = leftOver(run.prediction.error, fieldOfRun);
  if (!problem) {
    return (
      <Text size="sm" c="dimmed">
        The task is not complete yet: see what is said at its fields.
      </Text>
    );
  }
  return (
    <>
      <Failure error={problem} retry={run.predict} />
      <Group>
        <Button variant="default" size="xs" loading={run.submission.isPending} onClick={proceed}>
          Proceed without a prediction
        </Button>
      </Group>
    </>
  );
};

const Stale = ({ run }: { run: Run }) => (
  <Alert color="yellow" variant="light" py="xs" icon={<TriangleAlert size={16} aria-hidden />}>
    <Group justify="space-between" gap="xs">
      <Text size="sm">The task has changed since this prediction.</Text>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<RotateCw size={13} aria-hidden />}
        loading={run.prediction.isPending}
        onClick={run.predict}
      >
        Predict again
      </Button>
    </Group>
  </Alert>
);

const BAND_WORDS: Record<Band, string> = {
  low: 'Low risk',
  medium: 'Medium risk',
  high: 'High risk',
  critical: 'Critical risk',
};

/** Takes the focus when it comes, so that it is read out and the next tab leads on to Proceed. */
const Foreseen = ({ prediction }: { prediction: RunPrediction }) => {
  const headline = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const heading = headline.current!;
    heading.focus({ preventScroll: true });
    if (heading.getBoundingClientRect().bottom > innerHeight / 2) heading.scrollIntoView();
  }, [prediction]);
  const { predicted_risk: risk, recommendation, warnings } = prediction;
  const band = bandOf(risk);
  const discouraged = risk >= NOT_RECOMMENDED;
  const others = warnings.filter((warning) => warning !== recommendation);
  return (
    <Stack gap="md" className={classes.foreseen}>
      <div className={classes.verdict} style={{ '--tone': `var(--${band})` } as CSSProperties}>
        <Text size="xs" fw={600} c={`var(--${band})`}>
          {BAND_WORDS[band]}
        </Text>
        <Title order={2} size="h4" ref={headline} tabIndex={-1} className={classes.headline}>
          {discouraged ? 'High risk: execution not recommended' : recommendation}
        </Title>
        {discouraged && (
          <Text size="sm" c="dimmed" mt={4}>
            {recommendation}
          </Text>
        )}
      </div>
      {others.length > 0 && (
        <Alert color="orange" variant="light" icon={<TriangleAlert size={16} aria-hidden />} title="Warnings">
          <List size="sm">
            {others.map((warning) => (
              <List.Item key={warning}>
                <Foreign text={warning} />
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <RiskMeter label="Predicted risk" risk={risk} interval={intervalOf(prediction)} />
      <RiskMeter label="Inconsistency signals" risk={prediction.predicted_deception} />
      <PredictionFacts prediction={prediction} />
      <Factors prediction={prediction} />
      <SimilarRuns prediction={prediction} />
    </Stack>
  );
};
