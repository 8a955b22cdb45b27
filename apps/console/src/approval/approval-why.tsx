import { Group, List, Stack, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { Foreign } from '../page/foreign.js';
import { RiskMeter } from '../risk/risk-meter.js';
import { Section } from './section.js';
import { useFindings } from './use-findings.js';

const Findings = ({ approval }: { approval: Approval }) => {
  const { data: findings, error } = useFindings(approval);
  if (error && !findings) {
    return (
      <Text size="sm" c="dimmed">
        What the risk is made of could not be read: {error.message}
      </Text>
    );
  }
  if (!findings?.length) return null;
  return (
    <List size="sm" spacing={2}>
      {findings.map(({ sentence, severity }) => (
        <List.Item key={sentence}>
          <Foreign text={sentence} />
          {severity && (
            <Text span size="xs" fw={600} c={`var(--${severity})`}>
              {' '}
              {severity}
            </Text>
          )}
        </List.Item>
      ))}
    </List>
  );
};

/** Which policies asked, and why. */
export const Why = ({ approval }: { approval: Approval }) => {
  const { reasons, determining_policies: policies, policy_epoch: epoch } = approval;
  return (
    <Section title="Why you are asked">
      <Stack gap={4}>
        {reasons.map((reason) => (
          <Text key={reason} size="sm">
            <Foreign text={reason} />
          </Text>
        ))}
        <Group gap={6}>
          <Text size="xs" c="dimmed">
            {policies.length === 1 ? 'Policy' : 'Policies'}
          </Text>
          {policies.map((policy) => (
            <Text key={policy} span size="xs" className="mono">
              <Foreign text={policy} />
            </Text>
          ))}
          <Text size="xs" c="dimmed">
            of epoch {epoch}
          </Text>
        </Group>
      </Stack>
    </Section>
  );
};

/** How risky the action was thought to be, and what made it so. */
export const Risk = ({ approval }: { approval: Approval }) => (
  <Section title="Risk">
    <Stack gap="xs">
      {typeof approval.risk === 'number' ? (
        <RiskMeter label="Predicted for this action" risk={approval.risk} />
      ) : (
        <Text size="sm" c="dimmed">
          Prediction did not answer in time, so nobody knows.
        </Text>
      )}
      <Findings approval={approval} />
    </Stack>
  </Section>
);
