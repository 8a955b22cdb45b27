import { Group, Stack, Text, Title } from '@mantine/core';
import type { Policy, PolicyOverview } from '#client/browser';
import { CircleCheck, CircleX } from 'lucide-react';
import { Section } from '../approval/section.js';
import { DigestText } from '../execution/digest-text.js';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { Labelled } from '../page/labelled.js';
import { Read } from '../page/read.js';
import { ToneBadge } from '../page/tone-badge.js';
import { BundleDiff } from './bundle-diff.js';
import classes from './policy.module.css';
import { type Files, noteOf, STATUS_WORDS, stillNeeded, titleOf } from './policy.rules.js';
import { PolicyMoves } from './policy-moves.js';
import { ShadowReport } from './shadow-report.js';
import { TrialReport } from './trial-report.js';
import { usePolicy } from './use-policies.js';

const Facts = ({ policy }: { policy: Policy }) => {
  const { author, created_at, based_on, published_at, expires_at, status, files_digest, key_id } = policy;
  return (
    <dl className={classes.facts}>
      <Labelled name="Written by">
        <Foreign text={author.name} /> <Ago at={created_at} />
      </Labelled>
      <Labelled name="From epoch">{based_on}</Labelled>
      {published_at && (
        <Labelled name="In force since">
          <Ago at={published_at} />
        </Labelled>
      )}
      {status === 'awaiting_approval' && expires_at && (
        <Labelled name="Answer by">
          <Ago at={expires_at} />; no answer is a no
        </Labelled>
      )}
      <Labelled name="Files">
        <DigestText digest={files_digest} />
      </Labelled>
      {key_id && (
        <Labelled name="Signed">
          Ed25519, key <DigestText digest={key_id} />
        </Labelled>
      )}
    </dl>
  );
};

const Answers = ({ policy }: { policy: Policy }) => {
  const { votes, status } = policy;
  const needed = stillNeeded(policy);
  if (votes.length === 0 && status !== 'awaiting_approval') return null;
  return (
    <Section title="Answers">
      <ul className={classes.list}>
        {votes.map(({ by, decision, reason, at }) => {
          const yes = decision === 'approve';
          const Icon = yes ? CircleCheck : CircleX;
          return (
            <li key={by.id}>
              <Group gap={8} wrap="nowrap" align="flex-start" c={yes ? 'var(--low)' : 'var(--critical)'}>
                <Icon size={16} aria-hidden />
                <Text size="sm" c="var(--mantine-color-text)" miw={0} component="div">
                  <Foreign text={by.name} /> {yes ? 'approved' : 'rejected'} <Ago at={at} />
                  {reason && (
                    <Text size="sm" c="dimmed" component="div">
                      <Foreign text={reason} />
                    </Text>
                  )}
                </Text>
              </Group>
            </li>
          );
        })}
      </ul>
      {status === 'awaiting_approval' && (
        <Text size="sm" c="dimmed" mt={4}>
          {needed === 1 ? 'One more person has to approve' : `${needed} people have to approve`}, not the author.
        </Text>
      )}
    </Section>
  );
};

const Content = ({ policy, inForce }: { policy: Policy; inForce: PolicyOverview }) => {
  const { check, shadow, status, epoch } = policy;
  const isNow = status === 'published' && epoch === inForce.epoch;
  return (
    <div className={classes.detail}>
      <Stack className={classes.content} gap="lg">
        <Stack gap={6}>
          <Title order={2} size="h4">
            {titleOf(policy)}
          </Title>
          <Group gap={6}>
            <ToneBadge {...STATUS_WORDS[status]} />
            {isNow && <ToneBadge tone="info" word="in force" />}
          </Group>
          <Text size="sm" component="div">
            <Foreign text={noteOf(policy)} />
          </Text>
        </Stack>
        <Facts policy={policy} />
        <Answers policy={policy} />
        {check && <TrialReport check={check} />}
        {shadow && (
          <Section title="Replay">
            <ShadowReport shadow={shadow} />
          </Section>
        )}
        {!isNow && (
          <Section title={`Compared with epoch ${inForce.epoch}, which is in force`}>
            <BundleDiff
              before={inForce.files as Files}
              after={policy.files as Files}
              same="It says what is in force."
            />
          </Section>
        )}
      </Stack>
      <div className={classes.dock}>
        <PolicyMoves key={policy.id} policy={policy} inForce={inForce} />
      </div>
    </div>
  );
};

/** One bundle: what it says, what was tried, who answered, and what can be done about it. */
export const PolicyDetail = ({ id, inForce }: { id: string; inForce: PolicyOverview }) => (
  <Read query={usePolicy(id)}>{(policy) => <Content policy={policy} inForce={inForce} />}</Read>
);
