import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { ApiError, type Policy, type PolicyOverview } from '#client/browser';
import { FlaskConical, History, Send } from 'lucide-react';
import { Failure } from '../page/failure.js';
import { type Draft, isOf, obstacleOf, type Step } from './draft.rules.js';
import { type Place, placeOf } from './policy.rules.js';
import { Running } from './running.js';
import { ShadowReport } from './shadow-report.js';
import { LocatedRefusal, TrialReport } from './trial-report.js';

const MAX_NOTE = 2_000;
const NOT_YOURS = 'Your role may read policies. An admin writes them.';
const STEPS = [
  { step: 'check', label: 'Check', Icon: FlaskConical },
  { step: 'replay', label: 'Replay', Icon: History },
  { step: 'propose', label: 'Propose', Icon: Send },
] as const;

const Refusal = ({ error, goTo }: { error: unknown; goTo: (place: Place) => void }) => {
  if (!(error instanceof ApiError) || error.errors.length === 0) return <Failure error={error} />;
  const problems = error.errors.map(({ path, message }) => ({ place: placeOf(path), message }));
  return <LocatedRefusal title="It was refused" problems={problems} goTo={goTo} />;
};

/** Why the step that comes next cannot be taken: one sentence for all of them. */
const reasonOf = (obstacles: Record<Step, string | null>): string | null => {
  if (obstacles.check) return obstacles.check;
  return obstacles.replay ?? obstacles.propose;
};

export interface Desk {
  draft: Draft;
  tried: Policy | null;
  inForce: PolicyOverview;
  mayWrite: boolean;
  running: Step | null;
  error: unknown;
  take: (step: Step) => void;
  goTo: (place: Place) => void;
  note: (text: string) => void;
}

/** From a text to a question to people: check, replay, propose, and what came of each. */
export const DraftSteps = ({ draft, tried, inForce, mayWrite, running, error, take, goTo, note }: Desk) => {
  const obstacle = (step: Step): string | null => (mayWrite ? obstacleOf(step, { draft, tried, inForce }) : NOT_YOURS);
  const obstacles = { check: obstacle('check'), replay: obstacle('replay'), propose: obstacle('propose') };
  const reason = reasonOf(obstacles);
  const stale = tried !== null && !isOf(tried, draft);
  return (
    <Stack gap="md">
      <Group gap="xs" role="group" aria-label="Steps">
        {STEPS.map(({ step, label, Icon }) => (
          <Button
            key={step}
            variant={step === 'propose' ? 'filled' : 'default'}
            leftSection={<Icon size={16} aria-hidden />}
            disabled={obstacles[step] !== null || (running !== null && running !== step)}
            loading={running === step}
            aria-describedby={obstacles[step] === null ? undefined : 'step-obstacle'}
            title={obstacles[step] ?? undefined}
            onClick={() => take(step)}
          >
            {label}
          </Button>
        ))}
      </Group>
      {reason && (
        <Text size="sm" c="dimmed" id="step-obstacle">
          {reason}
        </Text>
      )}
      {running && <Running key={running} step={running} />}
      {!running && error !== null && <Refusal error={error} goTo={goTo} />}
      {tried?.check && <TrialReport check={tried.check} stale={stale} goTo={goTo} />}
      {tried?.shadow && <ShadowReport shadow={tried.shadow} stale={stale} />}
      {mayWrite && (
        <Textarea
          label="What changes and why"
          description="Those who approve it read this"
          value={draft.note}
          maxLength={MAX_NOTE}
          autosize
          minRows={2}
          maxRows={6}
          onChange={({ currentTarget }) => note(currentTarget.value)}
        />
      )}
      {mayWrite && obstacles.propose === null && (
        <Alert color="blue" variant="light" title="What proposing it does">
          Two people other than you, with the role approver or admin, are asked. Once both have approved, it is signed
          and in force under epoch {inForce.epoch + 1}.
        </Alert>
      )}
    </Stack>
  );
};
