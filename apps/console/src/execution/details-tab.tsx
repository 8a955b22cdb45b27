import { Code, Stack, Text, Title } from '@mantine/core';
import type { ExecutionResult } from '#client/browser';
import type { ReactNode } from 'react';
import { Foreign } from '../page/foreign.js';
import { CopyButton } from './copy-button.js';

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="surface" aria-label={title}>
    <Stack gap="xs" p="md">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  </section>
);

/** What was submitted, word for word. */
export const DetailsTab = ({ execution }: { execution: ExecutionResult }) => {
  const { id, task_description, playbook, workspace, max_steps, agent_type, last_seq } = execution;
  const inputs = playbook?.inputs ?? {};
  return (
    <Stack gap="sm">
      <Section title="Task">
        <Text size="sm" component="div">
          <Foreign text={task_description} />
        </Text>
      </Section>
      {Object.keys(inputs).length > 0 && (
        <Section title="Inputs of the playbook">
          <Code block>
            <Foreign text={JSON.stringify(inputs, null, 2)} />
          </Code>
        </Section>
      )}
      <Section title="Record">
        <Text size="sm" component="div">
          execution <span className="mono">{id}</span> <CopyButton text={id} what="the execution id" />
        </Text>
        {playbook?.digest && (
          <Text size="sm" component="div" className="foreign">
            playbook <span className="mono">{playbook.digest}</span>{' '}
            <CopyButton text={playbook.digest} what="the digest of the playbook" />
          </Text>
        )}
        {workspace && (
          <Text size="sm" component="div">
            workspace <Foreign mono text={workspace.path} />
          </Text>
        )}
        <Text size="sm">
          driver {agent_type}, at most {max_steps} turns of a model, {last_seq} journal rows
        </Text>
      </Section>
    </Stack>
  );
};
