import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { ExecutionResult } from '#client/browser';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CircleX, FolderLock, Hand, Info, MessageSquareText, OctagonAlert, ScanEye } from 'lucide-react';
import { OverBudget } from '../budget/over-budget.js';
import { api } from '../data/api.js';
import { APPROVALS } from '../data/keys.js';
import { Foreign } from '../page/foreign.js';
import { bandOf } from '../risk/risk.rules.js';
import { useMay } from '../session/use-me.js';
import { failureMeaning } from './failure.rules.js';

const Critical = ({ risk, deception }: { risk: number; deception: number }) => (
  <Alert
    role="alert"
    color="red"
    variant="filled"
    icon={<OctagonAlert size={20} aria-hidden />}
    title={
      risk >= deception ? `Critical risk ${risk.toFixed(2)}` : `Critical signs of deception ${deception.toFixed(2)}`
    }
  >
    Look at the findings and the newest actions. Pausing keeps the run’s place; rolling back puts back what it kept.
  </Alert>
);

const Awaiting = ({ execution }: { execution: ExecutionResult }) => {
  const mayRead = useMay('approval.read');
  const navigate = useNavigate();
  const pending = useQuery({
    queryKey: [...APPROVALS, 'of execution', execution.id],
    queryFn: () => api.approvals.list({ execution_id: execution.id, status: 'pending', limit: 1 }),
    enabled: mayRead,
  });
  const approval = pending.data?.items[0];
  return (
    <Alert
      role="status"
      color="yellow"
      variant="light"
      icon={<Hand size={20} aria-hidden />}
      title="Waits for an approval"
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" component="div" flex={1} miw={220}>
          {approval ? (
            <>
              {approval.step === 0 ? 'The run itself' : `Step ${approval.step}`}
              {': '}
              <Foreign mono text={approval.tool} />
              {'. '}
              <Foreign text={approval.reasons.join(' ')} />
            </>
          ) : (
            'An answer is needed before it goes on. No answer in time is a no.'
          )}
        </Text>
        {approval && (
          <Button
            size="xs"
            leftSection={<Hand size={14} aria-hidden />}
            onClick={() => void navigate({ to: '.', search: { approval: approval.id }, hash: true })}
          >
            {approval.can_decide ? 'Review and answer' : 'Review'}
          </Button>
        )}
      </Group>
    </Alert>
  );
};

/** Ended as people wanted: nothing went wrong. */
const WANTED: ReadonlySet<ExecutionResult['status']> = new Set(['rolled_back', 'cancelled']);

const Outcome = ({ status, failure, final_answer }: Pick<ExecutionResult, 'status' | 'failure' | 'final_answer'>) => (
  <>
    {failure && (
      <Alert
        role="status"
        color={WANTED.has(status) ? 'gray' : 'red'}
        variant="light"
        icon={WANTED.has(status) ? <Info size={20} aria-hidden /> : <CircleX size={20} aria-hidden />}
        title={WANTED.has(status) ? 'Why it ended' : 'Why it did not succeed'}
      >
        <Text size="sm" component="div">
          <Foreign text={failure.message} />
        </Text>
        <Text size="sm" c="dimmed" component="div" mt={2}>
          <Foreign mono text={failure.code} />
          {failureMeaning(failure.code) && `: ${failureMeaning(failure.code)}`}
        </Text>
      </Alert>
    )}
    {final_answer && (
      <Alert
        role="status"
        color="gray"
        variant="light"
        icon={<MessageSquareText size={20} aria-hidden />}
        title="Final answer"
      >
        <Text size="sm" component="div">
          <Foreign text={final_answer} />
        </Text>
      </Alert>
    )}
  </>
);

const Inconclusive = () => (
  <Alert
    role="status"
    color="orange"
    variant="light"
    icon={<ScanEye size={20} aria-hidden />}
    title="A person has to look"
  >
    What the last action changed could not be judged. Look at it in the trace: Resume keeps what is there and goes on,
    Roll back puts it back where that is possible.
  </Alert>
);

const InTheWay = ({ execution_id }: { execution_id: string }) => (
  <Alert
    role="status"
    color="gray"
    variant="light"
    icon={<FolderLock size={20} aria-hidden />}
    title="Its folder is in use"
  >
    It begins when{' '}
    <Anchor size="sm" renderRoot={(props) => <Link to="/executions/$id" params={{ id: execution_id }} {...props} />}>
      the run that works there
    </Anchor>{' '}
    has ended.
  </Alert>
);

const isCritical = (risk: number): boolean => bandOf(risk) === 'critical';

/** What a person should know before anything else. */
export const ExecutionBanners = ({ execution }: { execution: ExecutionResult }) => {
  const { phase, status, paused_reason, risk_score, deception_probability } = execution;
  const running = phase === 'running';
  const critical = running && (isCritical(risk_score) || isCritical(deception_probability));
  const awaiting = status === 'awaiting_approval' || (status === 'paused' && paused_reason === 'approval');
  const waitsFor = status === 'paused' ? paused_reason : null;
  const person = waitsFor === 'inconclusive' || waitsFor === 'budget';
  if (!critical && !awaiting && !(running && execution.waits_for) && !person && running) return null;
  return (
    <Stack gap="xs">
      {critical && <Critical risk={risk_score} deception={deception_probability} />}
      {awaiting && <Awaiting execution={execution} />}
      {waitsFor === 'inconclusive' && <Inconclusive />}
      {waitsFor === 'budget' && <OverBudget execution={execution} />}
      {running && execution.waits_for && <InTheWay execution_id={execution.waits_for} />}
      {!running && <Outcome {...execution} />}
    </Stack>
  );
};
