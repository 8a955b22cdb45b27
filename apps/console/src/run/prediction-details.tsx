import type { RunPrediction } from '#client/browser';
import { Anchor, List, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Foreign } from '../page/foreign.js';
import { bandOf } from '../risk/risk.rules.js';
import { factorWords, intervalOf, similarOf } from './prediction.rules.js';
import classes from './run.module.css';

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** What stands behind the number. */
export const PredictionFacts = ({ prediction }: { prediction: RunPrediction }) => {
  const interval = intervalOf(prediction);
  const { expected_steps: steps, expected_cost: cost } = prediction;
  const facts: [string, string, string][] = [
    ['Confidence', percent(prediction.confidence), 'One minus the width of the interval'],
    ...(interval
      ? [
          [
            '90 % interval',
            `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`,
            'Where the risk lies, as far as past runs tell',
          ] as [string, string, string],
        ]
      : []),
    ['Base rate', percent(prediction.base_rate), "The share of the team's runs that ended badly"],
    ...(typeof steps !== 'number'
      ? []
      : [['Expected steps', String(steps), 'As far as the task tells'] as [string, string, string]]),
    ...(typeof cost !== 'number'
      ? []
      : [['Expected cost', `$${cost.toFixed(2)}`, 'US dollars'] as [string, string, string]]),
    ['Basis', prediction.basis.join(', '), 'What spoke'],
    ['Model', prediction.model_version, 'Version of the model that predicted'],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value, meaning]) => (
        <div key={name} title={meaning}>
          <dt>{name}</dt>
          <dd className="tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
};

export const Factors = ({ prediction: { factors } }: { prediction: RunPrediction }) => (
  <div>
    <Title order={3} size="h6" mb={4}>
      Factors
    </Title>
    {factors.length === 0 ? (
      <Text size="sm" c="dimmed">
        Nothing in the task, the tools or the history raised the risk.
      </Text>
    ) : (
      <div role="table" aria-label="Factors: each with the risk it would give alone">
        {factors.map(({ name, weight, evidence }) => (
          <div role="row" className={classes.factor} key={name + evidence}>
            <Text role="cell" size="sm" fw={600} component="div">
              <Foreign text={factorWords(name)} />
            </Text>
            <div role="cell" className={classes.bar}>
              <span className={classes.track} aria-hidden>
                <span
                  className={classes.fill}
                  style={{ width: `${weight * 100}%`, background: `var(--${bandOf(weight)})` }}
                />
              </span>
              <Text size="sm" className="tabular" span>
                {weight.toFixed(2)}
              </Text>
            </div>
            <Text role="cell" size="sm" c="dimmed" className={classes.evidence} component="div">
              <Foreign text={evidence} />
            </Text>
          </div>
        ))}
      </div>
    )}
  </div>
);

export const SimilarRuns = ({ prediction }: { prediction: RunPrediction }) => {
  const runs = similarOf(prediction);
  return (
    <div>
      <Title order={3} size="h6" mb={4}>
        Similar runs
      </Title>
      {runs.length === 0 ? (
        <Text size="sm" c="dimmed">
          None: the model {prediction.model_version} speaks from {prediction.basis.join(' and ')} and compares no single
          runs.
        </Text>
      ) : (
        <List size="sm">
          {runs.map(({ execution_id: id, task_description, status, similarity }) => (
            <List.Item key={id}>
              <Anchor inherit renderRoot={(props) => <Link to="/executions/$id" params={{ id }} {...props} />}>
                <Foreign text={task_description ?? id} clamp={1} />
              </Anchor>
              <Text size="xs" c="dimmed">
                {[status, similarity === null ? null : `${percent(similarity)} alike`].filter(Boolean).join(', ')}
              </Text>
            </List.Item>
          ))}
        </List>
      )}
    </div>
  );
};
