import { Button, Group, Stack, Text } from '@mantine/core';
import type { Evaluation } from '#client/browser';
import { Link } from '@tanstack/react-router';
import { Scale } from 'lucide-react';
import { api } from '../data/api.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { Empty } from '../page/empty.js';
import { Foreign } from '../page/foreign.js';
import { Panel } from '../page/labelled.js';
import { ToneBadge } from '../page/tone-badge.js';
import { EvaluateFields } from './evaluate-fields.js';
import { EMPTY_EVALUATION, type EvaluateForm, fieldOfEvaluation, questionOf } from './evaluate.rules.js';
import classes from './policy.module.css';
import { outcomeOf, outcomeWords } from './policy.rules.js';

const Answer = ({ answer }: { answer: Evaluation }) => {
  const { decision, tier_needed, sentences, determining_policies, policy_epoch } = answer;
  return (
    <Stack gap="sm">
      <Group gap="xs" role="status">
        <ToneBadge {...outcomeWords(outcomeOf(decision, tier_needed))} />
        <Text size="sm" c="dimmed">
          under epoch {policy_epoch}
        </Text>
      </Group>
      <ul className={classes.list} aria-label="Why, and what would change it">
        {sentences.map((sentence) => (
          <li key={sentence}>
            <Text size="sm" component="div">
              <Foreign text={sentence} />
            </Text>
          </li>
        ))}
      </ul>
      {determining_policies.map(({ id, path }) => (
        <Text key={id} size="sm" component="div">
          Decided by{' '}
          {path ? (
            <Link to="/governance/policies" search={{ at: path }} className={classes.inline}>
              {id} in {path}
            </Link>
          ) : (
            id
          )}
        </Text>
      ))}
    </Stack>
  );
};

/** What would be decided about an action: nothing is done and nobody asked. */
export const Evaluate = () => {
  const { form, submit, pending, problem, answer } = useServerForm<EvaluateForm, Evaluation>({
    initialValues: EMPTY_EVALUATION,
    validate: ({ tool }) => (tool.trim() === '' ? { tool: 'Name a tool' } : {}),
    send: (values) => api.evaluate(questionOf(values)),
    field: fieldOfEvaluation,
  });
  return (
    <div className={classes.halves}>
      <Panel title="The action">
        <form onSubmit={submit} aria-label="The action" noValidate>
          <Stack gap="sm">
            <EvaluateFields form={form} />
            <FormProblem problem={problem} />
            <Group justify="flex-end">
              <Button type="submit" loading={pending}>
                Evaluate
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
      <Panel title="The answer">
        {answer ? (
          <Answer answer={answer} />
        ) : (
          <Empty icon={Scale} title="Nothing was asked yet">
            Describe an action. The policies in force say what they would decide, why, and what would change it.
          </Empty>
        )}
      </Panel>
    </div>
  );
};
