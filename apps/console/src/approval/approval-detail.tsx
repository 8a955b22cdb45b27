import { Badge, Group, Stack, Text, Title } from '@mantine/core';
import type { Approval } from '#client/browser';
import { ExternalLink, Siren } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Read } from '../page/read.js';
import { RiskBadge } from '../risk/risk-badge.js';
import { ExactAction, WishSentence } from './approval-action.js';
import { Edits } from './approval-edits.js';
import { Facts } from './approval-facts.js';
import { Preview } from './approval-preview.js';
import { Same } from './approval-same.js';
import { Votes } from './approval-votes.js';
import { Risk, Why } from './approval-why.js';
import { needsText, outcomeOf } from './approval.rules.js';
import classes from './approval.module.css';
import { Countdown } from './countdown.js';
import { Decision } from './decision.js';
import { useApproval } from './use-approvals.js';
import { useEdit } from './use-edit.js';

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Nobody has answered for so long that admins were told. */
const Escalated = ({ at }: { at: string }) => (
  <Badge
    size="sm"
    color="red"
    variant="light"
    leftSection={<Siren size={12} aria-hidden />}
    title={`Nobody had answered, so admins were told: ${exact.format(new Date(at))}`}
  >
    Escalated
  </Badge>
);

/** Nothing here stands between the action and what it does. */
const Elsewhere = () => (
  <Badge
    size="sm"
    color="orange"
    variant="light"
    leftSection={<ExternalLink size={12} aria-hidden />}
    title="Its agent runs elsewhere: nothing here holds, looks at or takes back what it does"
  >
    Runs elsewhere
  </Badge>
);

/** Risk, who is needed and until when; or how it ended. */
export const Standing = ({ approval }: { approval: Approval }) => {
  const { words, colour } = outcomeOf(approval.status);
  return (
    <Group gap="2px 10px">
      {approval.runs_elsewhere && <Elsewhere />}
      {typeof approval.risk === 'number' && <RiskBadge risk={approval.risk} />}
      {approval.status === 'pending' ? (
        <>
          {approval.escalated_at && <Escalated at={approval.escalated_at} />}
          <Text size="xs" c="dimmed">
            {needsText(approval)}
          </Text>
          <Countdown to={approval.expires_at} />
        </>
      ) : (
        <Text size="xs" fw={600} c={colour}>
          {words}
        </Text>
      )}
    </Group>
  );
};

const Everything = ({
  approval,
  answered,
  takeFocus,
}: {
  approval: Approval;
  answered: (answer: Approval) => void;
  takeFocus: boolean;
}) => {
  const heading = useRef<HTMLHeadingElement>(null);
  const edit = useEdit(approval);
  useEffect(() => {
    if (takeFocus) heading.current?.focus();
  }, [takeFocus]);
  return (
    <article className={classes.detail}>
      <Stack gap="lg" className={classes.content}>
        <Stack gap={6}>
          <Title order={2} size="h4" fw={600} ref={heading} tabIndex={-1} className={classes.heading}>
            <WishSentence approval={approval} />
          </Title>
          <Standing approval={approval} />
        </Stack>
        <Why approval={approval} />
        <Same same_as={approval.same_as} />
        {edit.text === null && <Preview approval={approval} />}
        <ExactAction approval={approval} edit={edit} />
        <Edits edits={approval.edits} />
        <Risk approval={approval} />
        <Facts approval={approval} />
        <Votes approval={approval} />
      </Stack>
      <Decision approval={approval} edit={edit} answered={answered} />
    </article>
  );
};

/** Everything there is to know before an approval is answered, and answering it. */
export const ApprovalDetail = ({
  id,
  answered,
  takeFocus = false,
}: {
  id: string;
  answered: (answer: Approval) => void;
  /** Puts the focus on what is asked as soon as it is there. */
  takeFocus?: boolean;
}) => {
  const query = useApproval(id);
  return (
    <Read query={query} rows={8}>
      {(approval) => <Everything key={id} approval={approval} answered={answered} takeFocus={takeFocus} />}
    </Read>
  );
};
