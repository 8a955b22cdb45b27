import { Code, Stack, Text } from '@mantine/core';
import type { ExecutionResult } from '#client/browser';
import { Foreign } from '../page/foreign.js';
import { CopyButton } from './copy-button.js';
import { Panel } from '../page/labelled.js';

/** What was submitted, word for word. */
export const DetailsTab = ({ execution }: { execution: ExecutionResult }) => {
  const { id, task_description, playbook, workspace, max_steps, agent_type, last_seq } = execution;
  const inputs = playbook?.inputs ?? {};
  return (
    <Stack gap="sm">
      <Panel title="Task">
        <Text size="sm" component="div">
          <Foreign text={task_description} />
        </Text>
      </Panel>
      {Object.keys(inputs).length > 0 && (
        <Panel title="Inputs of the playbook">
          <Code block>
            <Foreign text={JSON.stringify(inputs, null, 2)} />
          </Code>
        </Panel>
      )}
      <Panel title="Record">
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
      </Panel>
    </Stack>
  );
};
