import { Anchor, Group, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { Link } from '@tanstack/react-router';
import { Ago } from '../page/ago.js';
import { CopyText } from '../page/copy-text.js';
import { Foreign } from '../page/foreign.js';
import classes from './approval.module.css';
import { Section } from './section.js';
import { Labelled } from '../page/labelled.js';

const DIGEST_SHOWN = 'sha256:'.length + 12;

/** Whose action it is, of which run, and the digest that binds the answer to it. */
export const Facts = ({ approval }: { approval: Approval }) => {
  const { requested_by, on_behalf_of, execution_id, step, task_description, digest } = approval;
  return (
    <Section title="Where it comes from">
      <dl className={classes.facts}>
        <Labelled name="Execution">
          <Anchor
            size="sm"
            renderRoot={(props) => <Link to="/executions/$id" params={{ id: execution_id }} {...props} />}
          >
            <Foreign text={task_description ?? execution_id} clamp={3} />
          </Anchor>
          {step > 0 && (
            <Text span size="xs" c="dimmed">
              {' '}
              step {step}
            </Text>
          )}
        </Labelled>
        <Labelled name="Asked by">
          <Foreign text={requested_by.name} />
          {on_behalf_of.name !== requested_by.name && (
            <>
              , on behalf of <Foreign text={on_behalf_of.name} />
            </>
          )}
          <Text span size="xs" c="dimmed">
            {' '}
            <Ago at={approval.requested_at} />
          </Text>
        </Labelled>
        <Labelled name="Digest">
          <Group gap={4} wrap="nowrap">
            <Text span size="xs" className="mono" title={digest}>
              {digest.slice(0, DIGEST_SHOWN)}…
            </Text>
            <CopyText text={digest} label="Copy the whole digest" />
          </Group>
        </Labelled>
      </dl>
    </Section>
  );
};
