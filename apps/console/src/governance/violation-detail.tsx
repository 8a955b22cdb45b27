import { Anchor, Stack, Text, Title } from '@mantine/core';
import type { Violation } from '#client/browser';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { Section } from '../approval/section.js';
import { Ago } from '../page/ago.js';
import { CopyText } from '../page/copy-text.js';
import { Foreign } from '../page/foreign.js';
import { Labelled } from '../page/labelled.js';
import { Read } from '../page/read.js';
import { AssignmentForm } from './assignment-form.js';
import { useViolation } from './use-violations.js';
import { ViolationChanges } from './violation-changes.js';
import { ViolationMoves } from './violation-moves.js';
import { ViolationBadges } from './violation-row.js';
import classes from './violation.module.css';
import { evidenceText, TYPE_WORDS } from './violation.rules.js';

/** What was broken, of which run, and where in it that is to be seen. */
const Where = ({ violation }: { violation: Violation }) => {
  const { execution_id, step, agent_id, violation_type, policy_id, occurred_at } = violation;
  return (
    <Section title="Where it happened">
      <dl className={classes.facts}>
        <Labelled name="Run">
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                to="/executions/$id"
                params={{ id: execution_id }}
                {...(step ? { hash: `step-${step}` } : {})}
                {...props}
              />
            )}
          >
            {step ? `Step ${step} of ` : step === 0 ? 'The submission of ' : ''}
            <span className="mono">{execution_id}</span>
          </Anchor>
        </Labelled>
        <Labelled name="Agent">
          <Foreign text={agent_id} />
        </Labelled>
        {violation_type !== 'contract' && (
          <Labelled name={TYPE_WORDS[violation_type].label}>
            {policy_id ? <Foreign text={policy_id} mono /> : 'None allowed it.'}
          </Labelled>
        )}
        <Labelled name="Happened">
          <Ago at={occurred_at} />
        </Labelled>
      </dl>
    </Section>
  );
};

const Evidence = ({ details }: Pick<Violation, 'details'>) => {
  const entries = Object.entries(details);
  if (entries.length === 0) return null;
  return (
    <Section
      title="Evidence"
      aside={<CopyText text={JSON.stringify(details, null, 2)} label="Copy the evidence as JSON" />}
    >
      <div className={classes.code} tabIndex={0} role="region" aria-label="Evidence as recorded">
        <dl>
          {entries.map(([name, value]) => (
            <Fragment key={name}>
              <dt>
                <Foreign text={name} />
              </dt>
              <dd>
                <Foreign text={evidenceText(value)} />
              </dd>
            </Fragment>
          ))}
        </dl>
      </div>
    </Section>
  );
};

const Everything = ({ violation }: { violation: Violation }) => (
  <article className={classes.detail}>
    <Stack gap="lg" className={classes.content}>
      <Stack gap={6}>
        <Title order={2} size="h4" fw={600}>
          <Foreign text={violation.sentence} />
        </Title>
        <ViolationBadges {...violation} />
        <Text size="sm" c="dimmed">
          {TYPE_WORDS[violation.violation_type].what}
        </Text>
      </Stack>
      <Where violation={violation} />
      <Evidence details={violation.details} />
      <Section title="Whose it is">
        <AssignmentForm violation={violation} />
      </Section>
      <Section title="What people made of it">
        <ViolationChanges changes={violation.changes} />
      </Section>
    </Stack>
    <ViolationMoves violation={violation} />
  </article>
);

/** One violation: what broke what, where, whose it is, and what comes of it. */
export const ViolationDetail = ({ id }: { id: string }) => (
  <Read query={useViolation(id)} rows={8}>
    {(violation) => <Everything key={id} violation={violation} />}
  </Read>
);
