import { Button, Group, List, Stack, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { FastForward } from 'lucide-react';
import { useState } from 'react';
import { BypassDialog } from '../bypass/bypass-dialog.js';
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

/** For whoever is asked the same kind of thing too often, where one approver is enough. */
const StopAsking = ({ approval: { id, agent_id, tool } }: { approval: Approval }) => {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<FastForward size={13} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        Stop asking for a while
      </Button>
      {open && <BypassDialog start={{ agent_id, tool, approval_id: id }} close={() => setOpen(false)} />}
    </>
  );
};

/** Which policies asked, and why. */
export const Why = ({ approval }: { approval: Approval }) => {
  const { reasons, determining_policies: policies, policy_epoch: epoch, can_decide, approvers_needed } = approval;
  return (
    <Section
      title="Why you are asked"
      aside={can_decide && approvers_needed === 1 ? <StopAsking approval={approval} /> : undefined}
    >
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
